/** How much may happen: so much at once, and so much a second in the long run. */
export interface Rate {
  readonly perSecond: number;
  /** What may happen at once after a rest. */
  readonly burst: number;
}

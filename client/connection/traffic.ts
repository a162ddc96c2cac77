/** What has arrived since the join, over every connection of the session. */
export interface Traffic {
  readonly patches: number;
  readonly patchBytes: number;
  readonly frames: number;
  readonly bytes: number;
  /** How often the state turned out to be wrong and was replaced by the room's. */
  readonly resyncs: number;
}

/** Counts what arrives, for overlays. */
export class TrafficCounter implements Traffic {
  patches = 0;
  patchBytes = 0;
  frames = 0;
  bytes = 0;
  resyncs = 0;

  countResync(): void {
    this.resyncs += 1;
  }

  count(bytes: number, isPatch: boolean): void {
    this.frames += 1;
    this.bytes += bytes;
    if (!isPatch) return;
    this.patches += 1;
    this.patchBytes += bytes;
  }
}

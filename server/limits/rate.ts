/** How much may happen: so much at once, and so much a second in the long run. */
export interface Rate {
  readonly perSecond: number;
  /** What may happen at once after a rest. */
  readonly burst: number;
}

/** A number is a rate whose burst is what comes in a second; `Infinity` is no limit. */
export type RateOption = Rate | number;

/** Throws `RangeError` for a rate at which nothing would ever be possible. */
export function toRate(option: RateOption, name: string): Rate {
  const rate = typeof option === "number" ? { perSecond: option, burst: option } : option;
  const { perSecond, burst } = rate;
  if (!(perSecond > 0)) throw new RangeError(`${name}: ${perSecond} a second is not above 0`);
  if (!(burst >= 1)) throw new RangeError(`${name}: a burst of ${burst} is not at least 1`);
  return { perSecond, burst };
}

/** Throws `RangeError` for what is no whole number, or is below `min`. */
export function toCount(value: number, name: string, min = 1): number {
  if ((Number.isInteger(value) || value === Infinity) && value >= min) return value;
  throw new RangeError(`${name}: ${value} is not a whole number of at least ${min}`);
}

import type { Rate } from "./rate.ts";

/**
 * A bucket of tokens: full at first, and filled again all the time. What is larger than the
 * whole bucket can be taken from a full one, which then owes the rest.
 *
 * It promises that what `waitMs` says is true: after so long it can be taken, if nobody else
 * takes anything meanwhile, and not a millisecond earlier. Time that was set back takes no
 * tokens and gives none.
 */
export class TokenBucket {
  readonly rate: Rate;
  readonly #tokenMs: number;
  // Kept as a time, not as a number of tokens: nothing is lost to rounding as time goes by.
  #fullAt = -Infinity;
  #now = -Infinity;

  constructor(rate: Rate) {
    this.rate = rate;
    this.#tokenMs = 1_000 / rate.perSecond;
  }

  /** How long until so many can be taken, in milliseconds; 0: now. */
  waitMs(now: number, count = 1): number {
    const { perSecond, burst } = this.rate;
    if (perSecond === Infinity || burst === Infinity) return 0;
    this.#pass(now);
    const needed = Math.min(count, burst);
    const at = Math.max(this.#fullAt, now) + (needed - burst) * this.#tokenMs;
    return at <= now ? 0 : Math.ceil(at - now);
  }

  /** Takes so many, also where they are not there yet. */
  take(now: number, count = 1): void {
    this.#pass(now);
    this.#fullAt = Math.max(this.#fullAt, now) + count * this.#tokenMs;
  }

  isFull(now: number): boolean {
    this.#pass(now);
    return this.#fullAt <= now;
  }

  #pass(now: number): void {
    if (now < this.#now) this.#fullAt -= this.#now - now;
    this.#now = now;
  }
}

import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { PerKey } from "../limits/per-key.ts";
import { toRate } from "../limits/rate.ts";
import { TokenBucket } from "../limits/token-bucket.ts";
import type { RateLimit } from "./intent.ts";

/** How often each user may try each message. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #buckets = new PerKey<TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts one try. Throws `rate-limited`, with the time until the next one is taken, when it
   * is one too many, which does not count.
   */
  take(message: string, userId: string, { count, windowMs }: RateLimit): void {
    const now = this.#clock.now();
    const bucket = this.#buckets.of(`${message}\n${userId}`, now, () => {
      const rate = { perSecond: (count * 1_000) / windowMs, burst: count };
      return new TokenBucket(toRate(rate, `rateLimit of "${message}"`));
    });
    const retryAfterMs = bucket.waitMs(now);
    if (retryAfterMs === 0) {
      bucket.take(now);
      return;
    }
    const text = `more than ${count} of "${message}" in ${windowMs} ms`;
    throw new SyncError("rate-limited", text, { retryAfterMs });
  }
}

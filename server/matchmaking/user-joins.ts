import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { MAX_UNTAKEN_SEATS_PER_USER, UNTAKEN_SEAT_SECONDS } from "../../shared/limits.ts";
import { PerKey } from "../limits/per-key.ts";
import type { Rate } from "../limits/rate.ts";
import { TokenBucket } from "../limits/token-bucket.ts";
import type { SeatBook } from "./seat-book.ts";

/** How often each user may ask for a seat, and how many it may leave empty. */
export class UserJoins {
  readonly #rate: Rate;
  readonly #seats: SeatBook;
  readonly #clock: Clock;
  readonly #joins = new PerKey<TokenBucket>();
  readonly #underway = new Map<string, number>();

  constructor(rate: Rate, seats: SeatBook, clock: Clock) {
    this.#rate = rate;
    this.#seats = seats;
    this.#clock = clock;
  }

  /** Throws `rate-limited` for one too many; returns what has to be called when it is done. */
  begin(userId: string, isNew: boolean): () => void {
    const now = this.#clock.now();
    const bucket = this.#joins.of(userId, now, () => new TokenBucket(this.#rate));
    const retryAfterMs = bucket.waitMs(now);
    if (retryAfterMs > 0) {
      const text = `more than ${this.#rate.perSecond} joins a second of one user`;
      throw new SyncError("rate-limited", text, { retryAfterMs });
    }
    const underway = this.#underway.get(userId) ?? 0;
    if (isNew && this.#seats.untakenOf(userId) + underway >= MAX_UNTAKEN_SEATS_PER_USER) {
      const text = `more than ${MAX_UNTAKEN_SEATS_PER_USER} seats that one user has not taken`;
      throw new SyncError("rate-limited", text, { retryAfterMs: UNTAKEN_SEAT_SECONDS * 1_000 });
    }
    bucket.take(now);
    if (!isNew) return () => {};
    this.#underway.set(userId, underway + 1);
    return () => {
      const left = this.#underway.get(userId)! - 1;
      if (left === 0) this.#underway.delete(userId);
      else this.#underway.set(userId, left);
    };
  }
}

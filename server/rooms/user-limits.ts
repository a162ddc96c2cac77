import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import type { RateLimit } from "./intent.ts";

/** Entries after which those that no longer matter are thrown away. */
const SWEEP_SIZE = 1_024;

/** Until when each user has to wait, for each message. */
export class Cooldowns {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();
  #sweepAt = SWEEP_SIZE;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the user has to wait, in milliseconds; 0: not at all. */
  leftMs(message: string, userId: string): number {
    return Math.max(0, (this.#until.get(keyOf(message, userId)) ?? 0) - this.#clock.now());
  }

  /** Throws `cooldown`, with the time left, while the user has to wait. */
  check(message: string, userId: string): void {
    const leftMs = this.leftMs(message, userId);
    if (leftMs === 0) return;
    const text = `"${message}" is possible again in ${Math.ceil(leftMs / 1_000)} s`;
    throw new SyncError("cooldown", text, { retryAfterMs: leftMs });
  }

  start(message: string, userId: string, cooldownMs: number): void {
    const now = this.#clock.now();
    this.#until.set(keyOf(message, userId), now + cooldownMs);
    if (this.#until.size < this.#sweepAt) return;
    for (const [key, until] of this.#until) if (until <= now) this.#until.delete(key);
    this.#sweepAt = Math.max(SWEEP_SIZE, this.#until.size * 2);
  }

  cancel(message: string, userId: string): void {
    this.#until.delete(keyOf(message, userId));
  }
}

/** How often each user tried each message, in windows that begin with the first try. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #windows = new Map<string, { endsAt: number; count: number }>();
  #sweepAt = SWEEP_SIZE;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one try; throws `rate-limited`, with the time left, when it is one too many. */
  take(message: string, userId: string, limit: RateLimit): void {
    const now = this.#clock.now();
    const key = keyOf(message, userId);
    let window = this.#windows.get(key);
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + limit.windowMs, count: 0 };
      this.#windows.set(key, window);
      this.#sweep(now);
    }
    window.count += 1;
    if (window.count <= limit.count) return;
    const text = `more than ${limit.count} of "${message}" in ${limit.windowMs} ms`;
    throw new SyncError("rate-limited", text, { retryAfterMs: window.endsAt - now });
  }

  #sweep(now: number): void {
    if (this.#windows.size < this.#sweepAt) return;
    for (const [key, { endsAt }] of this.#windows) if (endsAt <= now) this.#windows.delete(key);
    this.#sweepAt = Math.max(SWEEP_SIZE, this.#windows.size * 2);
  }
}

function keyOf(message: string, userId: string): string {
  return `${message}\n${userId}`;
}

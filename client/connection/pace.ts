import type { Clock } from "../../shared/clock.ts";

const SECOND_MS = 1_000;

/** Keeps what is sent under a number for any second, wherever that second begins. */
export class Pace {
  readonly #clock: Clock;
  readonly #sentAt: number[];
  /** Of the oldest that counts, which the next one replaces. */
  #at = 0;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#sentAt = Array.from({ length: perSecond }, () => -Infinity);
  }

  /** Milliseconds until the next one may go; 0: it may go now. */
  get waitMs(): number {
    return Math.max(0, this.#sentAt[this.#at]! + SECOND_MS - this.#clock.now());
  }

  sent(): void {
    this.#sentAt[this.#at] = this.#clock.now();
    this.#at = (this.#at + 1) % this.#sentAt.length;
  }
}

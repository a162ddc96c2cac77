import type { CancelTimer, Clock } from "../../shared/clock.ts";

/**
 * Lets something change once in an interval: the first time at once, what comes meanwhile at
 * the end of it, and of several only as it is by then.
 */
export class PacedChange {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #apply: () => void;
  readonly #onRest: () => void;
  #isDue = false;
  #cancelTimer: CancelTimer | undefined;

  /** `onRest`: the last change is an interval ago. */
  constructor(clock: Clock, intervalMs: number, apply: () => void, onRest: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#apply = apply;
    this.#onRest = onRest;
  }

  get isAtRest(): boolean {
    return this.#cancelTimer === undefined;
  }

  /** There is something to apply: now, or as soon as it may be. */
  request(): void {
    if (this.isAtRest) this.#change();
    else this.#isDue = true;
  }

  /** There is nothing to apply any more. */
  withdraw(): void {
    this.#isDue = false;
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#isDue = false;
  }

  #change(): void {
    this.#isDue = false;
    this.#cancelTimer = this.#clock.schedule(this.#intervalMs, () => {
      this.#cancelTimer = undefined;
      if (this.#isDue) this.#change();
      else this.#onRest();
    });
    this.#apply();
  }
}

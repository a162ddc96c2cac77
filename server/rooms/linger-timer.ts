import type { CancelTimer, Clock } from "../../shared/clock.ts";

/** Closes a room that has stayed empty for a while. */
export class LingerTimer {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #isEmpty: () => boolean;
  readonly #close: () => void;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock, delayMs: number, isEmpty: () => boolean, close: () => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#isEmpty = isEmpty;
    this.#close = close;
  }

  /** Begins the wait anew. A room that is not empty when it ends is looked at again. */
  restart(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.schedule(this.#delayMs, () => {
      if (this.#isEmpty()) this.#close();
      else this.restart();
    });
  }

  stop(): void {
    this.#cancel?.();
  }
}

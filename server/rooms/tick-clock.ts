import type { CancelTimer, Clock } from "../../shared/clock.ts";

export interface TickClockOptions {
  clock: Clock;
  /** Milliseconds between two ticks. */
  periodMs: () => number;
  /** Whether there will be something to do at the next tick without anybody waking us. */
  isBusy: () => boolean;
  /** Told how many milliseconds late it comes. */
  tick: (lateMs: number) => void;
}

/**
 * Decides when a room ticks. A room with nothing to do costs nothing: it has no timer until
 * `wake()`. The first tick after a sleep comes at once, the next ones a period apart, without
 * drift; a loop that fell behind by more than a period drops what it missed.
 */
export class TickClock {
  readonly #options: TickClockOptions;
  #cancel: CancelTimer | undefined;
  #lastTickAt = -Infinity;
  #dueAt = 0;
  #isStopped = false;

  constructor(options: TickClockOptions) {
    this.#options = options;
  }

  get isAwake(): boolean {
    return this.#cancel !== undefined;
  }

  /** Makes sure that a tick is coming. */
  wake(): void {
    if (this.#cancel !== undefined || this.#isStopped) return;
    const { clock, periodMs } = this.#options;
    const now = clock.now();
    const leftMs = this.#lastTickAt + periodMs() - now;
    // Never more than a period: the machine's time may have been set back.
    const delayMs = Math.min(periodMs(), Math.max(0, leftMs));
    this.#dueAt = now + delayMs;
    this.#cancel = clock.schedule(delayMs, () => this.#run());
  }

  /** No tick comes any more, whoever wakes. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #run(): void {
    const { clock, periodMs, isBusy, tick } = this.#options;
    const now = clock.now();
    const due = this.#lastTickAt + periodMs();
    const isOff = Math.abs(now - due) >= periodMs();
    this.#lastTickAt = isOff ? now : due;
    this.#cancel = undefined;
    tick(Math.max(0, now - this.#dueAt));
    if (isBusy()) this.wake();
  }
}

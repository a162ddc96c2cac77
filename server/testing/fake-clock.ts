import type { CancelTimer, Clock } from "../../shared/clock.ts";

interface Timer {
  dueAt: number;
  callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  // In the order they were scheduled, which decides between timers due at the same time.
  readonly #timers = new Set<Timer>();

  constructor(startAt = 1_700_000_000_000) {
    this.#now = startAt;
  }

  /** How many timers wait; 0 shows that a part cleaned up behind itself. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): CancelTimer {
    const timer = { dueAt: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /**
   * Moves time on by `durationMs`, running every timer that falls due in the order of time,
   * each at its own time. Promises settle before the first timer, after each one and at the
   * end, so that a timer scheduled by an async callback still runs if it falls due.
   */
  async advance(durationMs: number): Promise<void> {
    const until = this.#now + durationMs;
    await settle();
    for (let timer = this.#nextDue(until); timer; timer = this.#nextDue(until)) {
      this.#run(timer);
      await settle();
    }
    this.#now = until;
  }

  /** Like `advance`, for code without promises: returns when the timers have run. */
  advanceSync(durationMs: number): void {
    const until = this.#now + durationMs;
    for (let timer = this.#nextDue(until); timer; timer = this.#nextDue(until)) this.#run(timer);
    this.#now = until;
  }

  #run(timer: Timer): void {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.dueAt);
    timer.callback();
  }

  #nextDue(until: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= until && (!next || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }
}

/** Lets every promise that is ready to go on do so: microtasks run before an immediate. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

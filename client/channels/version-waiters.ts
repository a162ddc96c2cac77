import type { CancelTimer, Clock } from "../../shared/clock.ts";
import type { SyncError } from "../../shared/errors.ts";

interface Waiter {
  readonly version: number;
  readonly resolve: () => void;
  readonly reject: (error: SyncError) => void;
  readonly cancelTimer: CancelTimer;
}

/** Promises of callers who each wait for their version of something, or a later one. */
export class VersionWaiters {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #expiry: () => SyncError;
  #waiters: Waiter[] = [];

  /** After `timeoutMs` a promise rejects with what `expiry` makes. */
  constructor(clock: Clock, timeoutMs: number, expiry: () => SyncError) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#expiry = expiry;
  }

  wait(version: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.schedule(this.#timeoutMs, () => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter);
        reject(this.#expiry());
      });
      const waiter = { version, resolve, reject, cancelTimer };
      this.#waiters.push(waiter);
    });
  }

  /** Whether somebody waits for that version or an earlier one. */
  has(version: number): boolean {
    return this.#waiters.some((each) => each.version <= version);
  }

  /** Settles everybody who waits for that version or an earlier one. */
  settle(upTo: number, error?: SyncError): void {
    const settled = this.#waiters.filter(({ version }) => version <= upTo);
    this.#waiters = this.#waiters.filter(({ version }) => version > upTo);
    for (const { resolve, reject, cancelTimer } of settled) {
      cancelTimer();
      if (error === undefined) resolve();
      else reject(error);
    }
  }
}

import type { CancelTimer, Clock } from "../../../shared/clock.ts";
import { SyncError } from "../../../shared/errors.ts";
import { MAX_OUTBOX_AGE_MS, MAX_OUTBOX_MESSAGES } from "../../../shared/limits.ts";
import type { JoinedRoom } from "../../joined-room.ts";

interface Waiter {
  readonly resolve: (room: JoinedRoom<unknown>) => void;
  readonly reject: (error: unknown) => void;
  readonly cancelTimer: CancelTimer;
}

/** A room that requests wait for: so many, and so long, as for a connection that was lost. */
export class RoomArrival {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #room: JoinedRoom<unknown> | undefined;
  #refusal: { readonly error: unknown } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async wait(): Promise<JoinedRoom<unknown>> {
    if (this.#room !== undefined) return this.#room;
    if (this.#refusal !== undefined) throw this.#refusal.error;
    if (this.#waiters.size >= MAX_OUTBOX_MESSAGES) {
      throw new SyncError("disconnected", `${MAX_OUTBOX_MESSAGES} requests wait for the room`);
    }
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.schedule(MAX_OUTBOX_AGE_MS, () => {
        this.#waiters.delete(waiter);
        reject(new SyncError("disconnected", `not joined within ${MAX_OUTBOX_AGE_MS} ms`));
      });
      const waiter = { resolve, reject, cancelTimer };
      this.#waiters.add(waiter);
    });
  }

  /** There is none yet, or none any more. */
  expect(): void {
    this.#room = undefined;
    this.#refusal = undefined;
  }

  arrive(room: JoinedRoom<unknown>): void {
    this.#room = room;
    for (const { resolve } of this.#dismiss()) resolve(room);
  }

  /** There will be none. */
  refuse(error: unknown): void {
    this.#room = undefined;
    this.#refusal = { error };
    for (const { reject } of this.#dismiss()) reject(error);
  }

  #dismiss(): Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const { cancelTimer } of waiters) cancelTimer();
    return waiters;
  }
}

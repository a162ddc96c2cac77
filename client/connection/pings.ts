import type { Clock } from "../../shared/clock.ts";
import type { SyncError } from "../../shared/errors.ts";

interface Ping {
  readonly sentAt: number;
  readonly resolve: (roundTripMs: number) => void;
  readonly reject: (error: SyncError) => void;
}

/** Pings that wait for their pong. A pong carries nothing, so they are matched in order. */
export class Pings {
  readonly #clock: Clock;
  #waiting: Ping[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The caller sends the ping; the promise is the round trip in milliseconds. */
  sent(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sentAt: this.#clock.now(), resolve, reject });
    });
  }

  answered(): void {
    const ping = this.#waiting.shift();
    ping?.resolve(this.#clock.now() - ping.sentAt);
  }

  rejectAll(error: SyncError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const ping of waiting) ping.reject(error);
  }
}

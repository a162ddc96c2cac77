import type { Clock } from "../../shared/clock.ts";
import type { Seat } from "../transport/websocket-transport.ts";

/** How long a seat that nobody took is remembered: longer than Colyseus reserves it. */
const UNCLAIMED_MS = 60_000;

/** Whom each session was given to, from the reservation until the session is gone. */
export class SeatBook {
  readonly #clock: Clock;
  readonly #seats = new Map<string, Seat & { expiresAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  reserve(sessionId: string, seat: Seat): void {
    this.#forgetUnclaimed();
    this.#seats.set(sessionId, { ...seat, expiresAt: this.#clock.now() + UNCLAIMED_MS });
  }

  find(sessionId: string): Seat | undefined {
    return this.#seats.get(sessionId);
  }

  /** Keeps the seat until `release`: somebody sits in it. */
  claim(sessionId: string): void {
    const seat = this.#seats.get(sessionId);
    if (seat !== undefined) seat.expiresAt = Infinity;
  }

  release(sessionId: string): void {
    this.#seats.delete(sessionId);
  }

  #forgetUnclaimed(): void {
    const now = this.#clock.now();
    for (const [sessionId, { expiresAt }] of this.#seats) {
      if (expiresAt === Infinity) continue;
      // Unclaimed seats expire in the order in which they were reserved.
      if (expiresAt > now) return;
      this.#seats.delete(sessionId);
    }
  }
}

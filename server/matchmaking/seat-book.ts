import type { Clock } from "../../shared/clock.ts";
import { UNTAKEN_SEAT_SECONDS } from "../../shared/limits.ts";
import type { Seat } from "../transport/websocket-transport.ts";

/** How long a seat that nobody took is remembered: longer than Colyseus reserves it. */
const UNCLAIMED_MS = 60_000;

/** Whom each session was given to, from the reservation until the session is gone. */
export class SeatBook {
  readonly #clock: Clock;
  readonly #seats = new Map<string, Seat>();
  /** When each seat that nobody took yet is forgotten, in the order of the reservations. */
  readonly #unclaimed = new Map<string, number>();
  /** Of each user, until when each seat that it did not take yet waits in its room. */
  readonly #untaken = new Map<string, Map<string, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  reserve(sessionId: string, seat: Seat): void {
    this.#forgetUnclaimed();
    this.#seats.set(sessionId, { ...seat, isAdmitted: true });
    const now = this.#clock.now();
    this.#unclaimed.set(sessionId, now + UNCLAIMED_MS);
    const untaken = this.#untaken.get(seat.user.id) ?? new Map<string, number>();
    this.#untaken.set(seat.user.id, untaken.set(sessionId, now + UNTAKEN_SEAT_SECONDS * 1_000));
  }

  /** Seats that wait for this user to take them. */
  untakenOf(userId: string): number {
    const now = this.#clock.now();
    const until = this.#untaken.get(userId)?.values() ?? [];
    return [...until].filter((each) => each > now).length;
  }

  /** Takes up a seat that an earlier process gave. */
  restore(sessionId: string, seat: Seat): void {
    this.#seats.set(sessionId, { ...seat, isAdmitted: false });
  }

  /** Seats that are taken, held for somebody who was lost, or reserved. */
  get size(): number {
    this.#forgetUnclaimed();
    return this.#seats.size;
  }

  /** The user of the seat was let in once more: one connection may come for it. */
  admit(sessionId: string): void {
    const seat = this.#seats.get(sessionId);
    if (seat !== undefined) seat.isAdmitted = true;
  }

  find(sessionId: string): Seat | undefined {
    return this.#seats.get(sessionId);
  }

  /** Keeps the seat until `release`: somebody sits in it. */
  claim(sessionId: string): void {
    this.#unclaimed.delete(sessionId);
    this.#take(sessionId);
  }

  /** Somebody has shown a newer token: counts when it is the same user. */
  renew(
    sessionId: string,
    { user, token, expiresAt }: Pick<Seat, "user" | "token" | "expiresAt">,
  ): void {
    const seat = this.#seats.get(sessionId);
    if (seat?.user.id !== user.id) return;
    this.#seats.set(sessionId, { ...seat, user, token, expiresAt });
  }

  release(sessionId: string): void {
    this.#take(sessionId);
    this.#seats.delete(sessionId);
    this.#unclaimed.delete(sessionId);
  }

  #take(sessionId: string): void {
    const userId = this.#seats.get(sessionId)?.user.id ?? "";
    const untaken = this.#untaken.get(userId);
    untaken?.delete(sessionId);
    if (untaken?.size === 0) this.#untaken.delete(userId);
  }

  #forgetUnclaimed(): void {
    const now = this.#clock.now();
    for (const [sessionId, expiresAt] of this.#unclaimed) {
      if (expiresAt > now) return;
      this.release(sessionId);
    }
  }
}

import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS } from "../../shared/limits.ts";

/** How long a ping is waited for; also how late a timer may come before it means a sleep. */
const PING_WAIT_MS = HEARTBEAT_TIMEOUT_MS - HEARTBEAT_INTERVAL_MS;

export interface HeartbeatEvents {
  /** Say something that the other side answers: our sign of life, and then its own. */
  ping(): void;
  /** Nothing came back in time: the connection is dead, whatever the socket says. */
  dead(): void;
}

/**
 * Finds a dead connection within `HEARTBEAT_TIMEOUT_MS` of its last frame.
 *
 * It also pings while frames arrive: on a slow line the server's own pings stand behind all that
 * is still on its way, and it would have to take us for dead.
 *
 * A page that slept (a closed lid, a throttled tab) finds its timer late and frames still
 * unread behind it. That is no proof of death, so it asks once more before it gives up.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #events: HeartbeatEvents;
  #heardAt: number;
  #dueAt = 0;
  #isWaitingForPong = false;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock, events: HeartbeatEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#heardAt = clock.now();
  }

  start(): void {
    this.#heardAt = this.#clock.now();
    this.#wait(HEARTBEAT_INTERVAL_MS);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Something arrived. Called for every frame, so it only notes the time. */
  heard(): void {
    this.#heardAt = this.#clock.now();
    this.#isWaitingForPong = false;
  }

  /** Asks at once instead of after the silence: the platform hinted that something changed. */
  probe(): void {
    if (this.#cancel === undefined) return;
    this.#ping();
  }

  #check(): void {
    const now = this.#clock.now();
    const isLate = now - this.#dueAt > PING_WAIT_MS;
    const silenceMs = now - this.#heardAt;
    if (silenceMs < HEARTBEAT_INTERVAL_MS) {
      this.#wait(HEARTBEAT_INTERVAL_MS - silenceMs);
      this.#events.ping();
    } else if (this.#isWaitingForPong && !isLate) {
      this.stop();
      this.#events.dead();
    } else {
      this.#ping();
    }
  }

  #ping(): void {
    this.#isWaitingForPong = true;
    this.#wait(PING_WAIT_MS);
    this.#events.ping();
  }

  #wait(delayMs: number): void {
    this.stop();
    this.#dueAt = this.#clock.now() + delayMs;
    this.#cancel = this.#clock.schedule(delayMs, () => this.#check());
  }
}

import type { CancelTimer, Clock } from "../../shared/clock.ts";
import type { Unsubscribe } from "../../shared/emitter.ts";
import { RECONNECT_STABLE_MS } from "../../shared/limits.ts";
import { rejoinDelayMs } from "./backoff.ts";
import type { WakeSignals } from "./wake-signals.ts";

/** How an attempt ended: over (back in the room, or never again), or not before so long. */
export type AttemptOutcome = "done" | { readonly retryAfterMs: number };

export interface RejoinParts {
  clock: Clock;
  random: () => number;
  wakeSignals: WakeSignals;
  /** One attempt; it never rejects. */
  attempt: () => Promise<AttemptOutcome>;
}

/**
 * When to try to get in, or back: after growing delays, at once when the platform hints that it may
 * work now, and never twice at the same time.
 *
 * The delays start from the base again only after a connection that lasted: a server that
 * lets everybody in and drops them again is not hammered.
 */
export class Rejoin {
  readonly #parts: RejoinParts;
  #attempts = 0;
  #isAnnounced = false;
  #connectedAt: number;
  #cancelTimer: CancelTimer | undefined;
  #stopListening: Unsubscribe | undefined;

  constructor(parts: RejoinParts) {
    this.#parts = parts;
    this.#connectedAt = parts.clock.now();
  }

  /** The connection stands; call it after each success. */
  connected(): void {
    this.#connectedAt = this.#parts.clock.now();
  }

  /** The connection was lost; `isAnnounced` when the server told everybody to come back. */
  start(isAnnounced: boolean): void {
    const livedMs = this.#parts.clock.now() - this.#connectedAt;
    if (livedMs >= RECONNECT_STABLE_MS) this.#attempts = 0;
    this.#isAnnounced = isAnnounced;
    this.#wait(0);
  }

  /** The first attempt, at once; the others follow as after a loss. */
  begin(): void {
    void this.#try();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#stopListening?.();
    this.#cancelTimer = undefined;
    this.#stopListening = undefined;
  }

  #wait(atLeastMs: number): void {
    const { clock, random, wakeSignals } = this.#parts;
    const delayMs = rejoinDelayMs(this.#attempts, this.#isAnnounced, random);
    this.#attempts += 1;
    this.#cancelTimer = clock.schedule(Math.max(atLeastMs, delayMs), () => void this.#try());
    // The server named a time: a tab that is looked at does not change it.
    if (atLeastMs === 0) this.#stopListening = wakeSignals.onWake(() => void this.#try());
  }

  async #try(): Promise<void> {
    this.stop();
    const outcome = await this.#parts.attempt();
    if (outcome !== "done") this.#wait(outcome.retryAfterMs);
  }
}

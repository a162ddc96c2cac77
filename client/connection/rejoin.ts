import type { CancelTimer, Clock } from "../../shared/clock.ts";
import type { Unsubscribe } from "../../shared/emitter.ts";
import { RECONNECT_STABLE_MS } from "../../shared/limits.ts";
import { Backoff } from "./backoff.ts";
import type { ReconnectPolicy } from "./reconnect-policy.ts";
import type { WakeSignals } from "./wake-signals.ts";

/** How an attempt ended: over (back in the room, or never again), or not before so long. */
export type AttemptOutcome = "done" | { readonly retryAfterMs: number };

export interface RejoinParts {
  clock: Clock;
  random: () => number;
  wakeSignals: WakeSignals;
  reconnect: ReconnectPolicy;
  /** One attempt; it never rejects. */
  attempt: () => Promise<AttemptOutcome>;
  /** As many attempts as the policy allows have failed, one after the other. */
  giveUp: (attempts: number) => void;
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
  readonly #backoff: Backoff;
  /** Since the last connection stood; the first attempt of all is no attempt to come back. */
  #failures = 0;
  #connectedAt: number;
  #cancelTimer: CancelTimer | undefined;
  #stopListening: Unsubscribe | undefined;

  constructor(parts: RejoinParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(parts.random, parts.reconnect);
    this.#connectedAt = parts.clock.now();
  }

  /** The connection stands; call it after each success. */
  connected(): void {
    this.#connectedAt = this.#parts.clock.now();
    this.#failures = 0;
  }

  /** The connection was lost; `isAnnounced` when the server told everybody to come back. */
  start(isAnnounced: boolean): void {
    const livedMs = this.#parts.clock.now() - this.#connectedAt;
    if (livedMs >= RECONNECT_STABLE_MS) this.#backoff.reset();
    this.#backoff.begin(isAnnounced);
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
    const { clock, wakeSignals, reconnect, giveUp } = this.#parts;
    const failures = this.#failures;
    if (failures >= reconnect.maxAttempts) {
      // Whoever called this has more to tell first.
      this.#cancelTimer = clock.schedule(0, () => giveUp(failures));
      return;
    }
    this.#failures += 1;
    const delayMs = Math.max(atLeastMs, this.#backoff.next());
    this.#cancelTimer = clock.schedule(delayMs, () => void this.#try());
    // The server named a time: a tab that is looked at does not change it.
    if (atLeastMs === 0) this.#stopListening = wakeSignals.onWake(() => void this.#try());
  }

  async #try(): Promise<void> {
    this.stop();
    const outcome = await this.#parts.attempt();
    if (outcome !== "done") this.#wait(outcome.retryAfterMs);
  }
}

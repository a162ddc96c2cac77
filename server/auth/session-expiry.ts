import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { TOKEN_GRACE_MS } from "../../shared/limits.ts";

/** The longest a timer of the platform can be told to wait: 2^31 - 1 ms, about 25 days. */
const MAX_TIMER_MS = 2_147_483_647;

interface Watch {
  /** Infinity: never. */
  expiresAt: number;
  readonly onExpired: () => void;
  cancelTimer: CancelTimer;
}

/**
 * Ends sessions whose token has expired and was not renewed within the grace of
 * `TOKEN_GRACE_MS`. A token without an end is watched for nothing, until one with an end
 * takes its place.
 */
export class SessionExpiry {
  readonly #clock: Clock;
  readonly #watches = new Map<string, Watch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Calls `onExpired` once, when the token has been expired for longer than the grace; in a
   * later turn when it has been already. Returns what stops the watch. A later watch of the
   * same session, such as that of a new connection, takes the place of this one.
   */
  watch(sessionId: string, expiresAt: number | undefined, onExpired: () => void): () => void {
    this.#watches.get(sessionId)?.cancelTimer();
    const watch = { expiresAt: expiresAt ?? Infinity, onExpired, cancelTimer: () => {} };
    this.#watches.set(sessionId, watch);
    this.#schedule(sessionId, watch);
    return () => this.#stop(sessionId, watch);
  }

  /** A newer token of the session says when it ends; no effect when nobody watches. */
  renew(sessionId: string, expiresAt: number | undefined): void {
    const watch = this.#watches.get(sessionId);
    if (watch === undefined) return;
    watch.cancelTimer();
    watch.expiresAt = expiresAt ?? Infinity;
    this.#schedule(sessionId, watch);
  }

  #schedule(sessionId: string, watch: Watch): void {
    if (watch.expiresAt === Infinity) return;
    const delayMs = Math.min(Math.max(this.#leftMs(watch), 0), MAX_TIMER_MS);
    watch.cancelTimer = this.#clock.schedule(delayMs, () => {
      if (this.#leftMs(watch) > 0) {
        this.#schedule(sessionId, watch);
        return;
      }
      this.#stop(sessionId, watch);
      watch.onExpired();
    });
  }

  #stop(sessionId: string, watch: Watch): void {
    watch.cancelTimer();
    if (this.#watches.get(sessionId) === watch) this.#watches.delete(sessionId);
  }

  #leftMs({ expiresAt }: Watch): number {
    return expiresAt + TOKEN_GRACE_MS - this.#clock.now();
  }
}

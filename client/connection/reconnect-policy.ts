import { SyncError } from "../../shared/errors.ts";
import { RECONNECT_BASE_DELAY_MS, RECONNECT_MAX_DELAY_MS } from "../../shared/limits.ts";

/** How a client tries to come back after a loss, and to get in at first. */
export interface ReconnectOptions {
  /** False: not at all, as with a `maxAttempts` of 0. Default true. */
  readonly enabled?: boolean;
  /** Attempts in a row after which it is given up. By default it never is. */
  readonly maxAttempts?: number;
  /** Before the first attempt; it doubles with each that fails, up to `maxDelayMs`. */
  readonly initialDelayMs?: number;
  readonly maxDelayMs?: number;
}

export interface ReconnectPolicy {
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

/** The options with what they leave open. Throws `options-invalid` for what is no number from 0. */
export function reconnectPolicy(options: ReconnectOptions = {}): ReconnectPolicy {
  const {
    enabled = true,
    maxAttempts = Infinity,
    initialDelayMs = RECONNECT_BASE_DELAY_MS,
    maxDelayMs = RECONNECT_MAX_DELAY_MS,
  } = options;
  for (const [name, value] of Object.entries({ maxAttempts, initialDelayMs, maxDelayMs })) {
    if (typeof value === "number" && value >= 0) continue;
    throw new SyncError("options-invalid", `reconnect.${name} ${String(value)} is not 0 or more`);
  }
  return { maxAttempts: enabled ? maxAttempts : 0, initialDelayMs, maxDelayMs };
}

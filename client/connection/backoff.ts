import { backoffDelayMs } from "../../shared/backoff.ts";
import { RECONNECT_BASE_DELAY_MS, RECONNECT_MAX_DELAY_MS } from "../../shared/limits.ts";

/**
 * Milliseconds to wait before rejoin attempt `attempt`, counting from 0.
 *
 * After a restart that the server announced, anywhere from none to the whole delay: every
 * client was cut off in the same instant, and a fifth to either side would not spread them.
 */
export function rejoinDelayMs(attempt: number, isAnnounced: boolean, random: () => number): number {
  if (!isAnnounced) return backoffDelayMs(attempt, random);
  const delayMs = Math.min(RECONNECT_MAX_DELAY_MS, RECONNECT_BASE_DELAY_MS * 2 ** attempt);
  return Math.round(delayMs * random());
}

import { RECONNECT_BASE_DELAY_MS, RECONNECT_MAX_DELAY_MS } from "./limits.ts";

/**
 * Milliseconds to wait before retry `attempt`, counting from 0: doubling from the base up
 * to the maximum, spread by a fifth to either side so that those who failed together do
 * not come back together.
 */
export function backoffDelayMs(attempt: number, random: () => number = Math.random): number {
  const delayMs = Math.min(RECONNECT_MAX_DELAY_MS, RECONNECT_BASE_DELAY_MS * 2 ** attempt);
  return Math.round(delayMs * (0.8 + 0.4 * random()));
}

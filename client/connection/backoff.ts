import { backoffDelayMs, type BackoffRange, wholeDelayMs } from "../../shared/backoff.ts";

/**
 * Milliseconds to wait before rejoin attempt `attempt`, counting from 0.
 *
 * After a restart that the server announced, anywhere from none to the whole delay: every
 * client was cut off in the same instant, and a fifth to either side would not spread them.
 */
export function rejoinDelayMs(
  attempt: number,
  isAnnounced: boolean,
  random: () => number,
  range?: BackoffRange,
): number {
  if (!isAnnounced) return backoffDelayMs(attempt, random, range);
  return Math.round(wholeDelayMs(attempt, range) * random());
}

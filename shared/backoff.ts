import { RECONNECT_BASE_DELAY_MS, RECONNECT_MAX_DELAY_MS } from "./limits.ts";

/** Where the delays begin, and where they stop to grow. */
export interface BackoffRange {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

const USUAL_RANGE: BackoffRange = {
  initialDelayMs: RECONNECT_BASE_DELAY_MS,
  maxDelayMs: RECONNECT_MAX_DELAY_MS,
};

/**
 * Milliseconds to wait before retry `attempt`, counting from 0: doubling from the base up
 * to the maximum, spread by a fifth to either side so that those who failed together do
 * not come back together.
 */
export function backoffDelayMs(
  attempt: number,
  random: () => number = Math.random,
  range: BackoffRange = USUAL_RANGE,
): number {
  return Math.round(wholeDelayMs(attempt, range) * (0.8 + 0.4 * random()));
}

/** The same without the spread. */
export function wholeDelayMs(attempt: number, range: BackoffRange = USUAL_RANGE): number {
  const { initialDelayMs, maxDelayMs } = range;
  // Nothing doubled is nothing, also where doubling goes beyond all numbers.
  return initialDelayMs === 0 ? 0 : Math.min(maxDelayMs, initialDelayMs * 2 ** attempt);
}

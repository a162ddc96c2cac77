import type { Clock } from "../shared/clock.ts";

/**
 * Waits for `work`, but not longer than that. True when it is done, false when it was given up
 * on; rejects when it rejects in time, and ignores it when it does so later.
 */
export async function within(
  clock: Clock,
  limitMs: number,
  work: Promise<unknown>,
): Promise<boolean> {
  const { promise: isLate, resolve } = Promise.withResolvers<boolean>();
  const cancel = clock.schedule(limitMs, () => resolve(false));
  try {
    return await Promise.race([work.then(() => true), isLate]);
  } finally {
    cancel();
  }
}

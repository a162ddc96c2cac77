export interface WaitOptions {
  timeoutMs?: number;
  /** Completes "… within 5000 ms" when the wait fails; else the condition's source does. */
  what?: string;
}

const POLL_INTERVAL_MS = 5;

/**
 * Resolves with what `condition` returns as soon as that is truthy, and rejects when it is
 * still not at the deadline. A condition that throws counts as not yet true; its last error
 * becomes the cause of the rejection.
 */
export async function waitUntil<Value>(
  condition: () => Value | Promise<Value>,
  { timeoutMs = 5_000, what = String(condition) }: WaitOptions = {},
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

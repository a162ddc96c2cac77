export interface WaitOptions {
  timeoutMs?: number;
  /** Completes "… within 20000 ms" when the wait fails; else the condition's source does. */
  what?: string;
}

// Soon at first; who waits for long asks less often, and leaves the machine to what it waits for.
const MIN_POLL_MS = 5;
const MAX_POLL_MS = 50;
const POLLS_PER_WAIT = 10;

/**
 * Resolves with what `condition` returns as soon as that is truthy, and rejects when it is
 * still not at the deadline. A condition that throws counts as not yet true; its last error
 * becomes the cause of the rejection.
 */
export async function waitUntil<Value>(
  condition: () => Value | Promise<Value>,
  { timeoutMs = 20_000, what = String(condition) }: WaitOptions = {},
): Promise<NonNullable<Value>> {
  const startedAt = Date.now();
  for (;;) {
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      cause = error;
    }
    const waitedMs = Date.now() - startedAt;
    if (waitedMs >= timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause });
    const pollMs = Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, waitedMs / POLLS_PER_WAIT));
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

import { SyncError } from "../../shared/errors.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** So much of one limit. */
export interface Expense {
  readonly bucket: TokenBucket;
  readonly amount: number;
  /** What it is that is limited, for the refusal. */
  readonly what: string;
}

/**
 * Takes everything, or throws `rate-limited` and takes nothing. The time to wait is that of
 * the limit that takes longest, so that waiting once is enough.
 */
export function spend(expenses: readonly Expense[], now: number): void {
  const refusal = refusalOf(expenses, now);
  if (refusal !== undefined) throw refusal;
  for (const { bucket, amount } of expenses) bucket.take(now, amount);
}

/** Why not everything can be taken now, if it cannot. */
export function refusalOf(expenses: readonly Expense[], now: number): SyncError | undefined {
  let retryAfterMs = 0;
  let reached: Expense | undefined;
  for (const expense of expenses) {
    const waitMs = expense.bucket.waitMs(now, expense.amount);
    if (waitMs <= retryAfterMs) continue;
    retryAfterMs = waitMs;
    reached = expense;
  }
  if (reached === undefined) return undefined;
  const { bucket, what } = reached;
  const text = `more than ${bucket.rate.perSecond} ${what} a second`;
  return new SyncError("rate-limited", text, { retryAfterMs });
}

import { backoffDelayMs } from "../../shared/backoff.ts";
import type { SyncError, SyncErrorCode } from "../../shared/errors.ts";

/** Refusals of the moment; any other would be the same the next time. */
const PASSING: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  // A server that is going away; the next one may answer.
  "closed",
  "rate-limited",
  "store-unavailable",
  "timed-out",
]);

/** Milliseconds after which asking again may help; undefined: it will not. */
export function retryDelayMs(
  { code, retryAfterMs }: SyncError,
  attempt: number,
  random: () => number,
): number | undefined {
  if (!PASSING.has(code)) return undefined;
  return retryAfterMs ?? backoffDelayMs(attempt, random);
}

import type { ServerResponse } from "node:http";
import type { SyncError } from "../../shared/errors.ts";

/** Tells in HTTP's own words when a refused request may come again, in whole seconds. */
export function sayWhen(response: ServerResponse, { retryAfterMs }: SyncError): void {
  if (retryAfterMs === undefined) return;
  response.setHeader("Retry-After", Math.ceil(retryAfterMs / 1_000));
}

import type { SyncErrorCode } from "../../shared/errors.ts";

/** The status of a refusal over HTTP; 400 for every other code. */
export const HTTP_STATUS: Readonly<Partial<Record<SyncErrorCode, number>>> = {
  "auth-failed": 401,
  "forbidden-origin": 403,
  "not-allowed": 403,
  "not-found": 404,
  "payload-too-large": 413,
  "rate-limited": 429,
  "room-full": 409,
  "room-unknown": 404,
  "session-expired": 410,
  "store-unavailable": 503,
  "timed-out": 408,
  unreachable: 503,
};

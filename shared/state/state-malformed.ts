import { SyncError } from "../errors.ts";

/** The error of a decoder that was given bytes which no encoder of ours makes. */
export function stateMalformed(message: string, cause?: unknown): SyncError {
  return new SyncError("state-malformed", message, cause === undefined ? {} : { cause });
}

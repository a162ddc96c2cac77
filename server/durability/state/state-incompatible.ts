import { SyncError } from "../../../shared/errors.ts";

/** The error of a saved state that this version of the game, or of Atrium, cannot go on with. */
export function stateIncompatible(message: string, cause?: unknown): SyncError {
  return new SyncError("state-incompatible", message, cause === undefined ? {} : { cause });
}

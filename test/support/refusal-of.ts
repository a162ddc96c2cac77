import assert from "node:assert/strict";
import { SyncError } from "../../shared/errors.ts";

/** What an attempt is refused with, whether it throws or rejects; any other error passes. */
export async function refusalOf(attempt: () => unknown): Promise<SyncError> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  return assert.fail("it was not refused");
}

import type { SavedRecords } from "./saved-records.ts";

/** A saved state as plain data, read without the room's classes: what `migrate` is given. */
export function readSavedState(_saved: SavedRecords): unknown {
  throw new Error("not written yet");
}

import { RecordWriter } from "./record-writer.ts";
import { SavedState } from "./saved-state.ts";

/**
 * Folds the records of a state into one snapshot, which replaces them. Pure, and needs none
 * of the room's classes: it runs in a worker. Throws `state-malformed` and leaves nothing
 * behind when a record is not what a recorder wrote.
 */
export function compactState(
  snapshot: Uint8Array | undefined,
  changes: readonly Uint8Array[],
): Uint8Array {
  const writer = new RecordWriter();
  new SavedState({ snapshot, changes }).write(writer);
  return writer.copy();
}

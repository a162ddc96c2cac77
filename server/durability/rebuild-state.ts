import type { Encoder, Schema } from "@colyseus/schema";
import type { SavedRecords } from "./saved-records.ts";

/**
 * A new state of `stateClass` with everything that was saved: the same ref ids, shared parts
 * still shared, nothing of it a change for the next patch. Throws `state-incompatible`,
 * naming what differs, when the classes no longer fit; and never returns half a state.
 */
export function rebuildState<S extends Schema>(_stateClass: new () => S, _saved: SavedRecords): S {
  throw new Error("not written yet");
}

/**
 * To be called with each new encoder, before anything else is done with it. For the encoder
 * of a rebuilt state it sees to it that ref ids go on above all earlier ones and that the
 * next patch is empty; any other it leaves as it is.
 */
export function settleRebuilt(_encoder: Encoder): void {}

import type { Schema } from "@colyseus/schema";
import { ClassMatch } from "./class-match.ts";
import { markRebuilt } from "./rebuilt-state.ts";
import { PartBuilder } from "./part-builder.ts";
import type { SavedRecords } from "./saved-records.ts";
import { SavedState } from "./saved-state.ts";
import type { SchemaClass } from "./state-internals.ts";

export { beginRefIds, settleRebuilt } from "./rebuilt-state.ts";

/**
 * A new state of `stateClass` with everything that was saved: the same ref ids, shared parts
 * still shared, nothing of it a change for the next patch. It is to be given to the room as
 * it is; the encoder that takes it over needs `settleRebuilt`.
 *
 * Each saved schema is made with `new` and no arguments, so that defaults, `.noSync()` fields
 * and private members are as in a new one; an `initialize` that asks for arguments does not
 * run. Then its synced fields get what was saved, past their setters. Fields that the class
 * has got since keep their defaults.
 *
 * Throws `state-incompatible`, naming what differs, when the classes no longer fit, and
 * `state-malformed` for records that no recorder wrote. It never returns half a state.
 */
export function rebuildState<S extends Schema>(
  stateClass: { readonly prototype: S },
  saved: SavedRecords,
): S {
  const state = new SavedState(saved);
  const rootClass = stateClass as unknown as SchemaClass;
  const match = new ClassMatch(rootClass);
  const root = new PartBuilder(state, match).build(rootClass);
  const { matches: classes, isExact } = match;
  markRebuilt(root, { classes, nextRefId: state.nextRefId }, isExact);
  return root as S;
}

/**
 * Lets a state that a game's `migrate` made take the place of a saved one: its ref ids begin
 * above all that were handed out, so that a page that stayed open takes nothing in it for
 * something else. To be called before the state is given to the room.
 */
export function succeedState(state: Schema, saved: SavedRecords): void {
  const { nextRefId } = new SavedState(saved);
  markRebuilt(state, { classes: new Map(), nextRefId }, false);
}

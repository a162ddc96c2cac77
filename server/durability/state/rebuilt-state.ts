import { ChangeTree, type Encoder, type Root } from "@colyseus/schema";
import {
  hasPendingChanges,
  reserveRefIds,
  restartStreams,
  type SchemaClass,
  treeOf,
} from "./state-internals.ts";

/** What a recorder goes on from when the state was there before it. */
export interface RebuiltState {
  /** Numbers that the saved records give to the classes. */
  readonly classes: ReadonlyMap<SchemaClass, number>;
  /** Ref ids that were handed out are all below it. */
  readonly nextRefId: number;
}

interface Rebuilt extends RebuiltState {
  /** Whether the records say exactly what the state holds. */
  isSaved: boolean;
}

const REBUILT = Symbol("rebuilt");

type Marked = { [REBUILT]?: Rebuilt };

/** Notes on a new state object that it was rebuilt; `isSaved`: just as its records say. */
export function markRebuilt(state: object, rebuilt: RebuiltState, isSaved: boolean): void {
  const mark: Rebuilt = { ...rebuilt, isSaved };
  Object.defineProperty(state, REBUILT, { value: mark, enumerable: false });
  const tree = treeOf(state);
  // New parts get their ids while the encoder takes the state over, before anybody is asked.
  tree.setRoot = (root: Root): void => {
    reserveRefIds(root, rebuilt.nextRefId);
    ChangeTree.prototype.setRoot.call(tree, root);
  };
}

/**
 * To be called with each new encoder, as soon as its buffers are what they are to be. For the encoder
 * of a rebuilt state it sees to it that the next patch is empty and that streams start anew;
 * any other it leaves as it is.
 */
export function settleRebuilt(encoder: Encoder): void {
  const mark = (encoder.state as Marked)[REBUILT];
  if (mark === undefined) return;
  // What the game changed before it gave the state to the room is in no record.
  if (hasPendingChanges(encoder.root)) mark.isSaved = false;
  // Settles what its parts inherit from those above them.
  encoder.encode();
  encoder.discardChanges();
  restartStreams(encoder.root);
}

/** What a recorder may build upon, once; undefined: it has to record the whole state. */
export function takeRebuilt(state: object): RebuiltState | undefined {
  const mark = (state as Marked)[REBUILT];
  if (mark === undefined || !mark.isSaved) return undefined;
  // With another encoder it would be another state.
  mark.isSaved = false;
  return mark;
}

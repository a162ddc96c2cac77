import { ChangeTree, type Encoder, type Root } from "@colyseus/schema";
import {
  hasPendingChanges,
  refIdOf,
  reserveRefIds,
  restartStreams,
  type SchemaClass,
  setRefId,
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

/** Of every state: decoders begin with it. */
const ROOT_REF_ID = 0;

const REBUILT = Symbol("rebuilt");
const FIRST_REF_ID = Symbol("first ref id");

type Marked = { [REBUILT]?: Rebuilt };

/** Notes on a new state object that it was rebuilt; `isSaved`: just as its records say. */
export function markRebuilt(state: object, rebuilt: RebuiltState, isSaved: boolean): void {
  const mark: Rebuilt = { ...rebuilt, isSaved };
  Object.defineProperty(state, REBUILT, { value: mark, enumerable: false });
  beginRefIds(state, rebuilt.nextRefId);
}

/**
 * Lets what is new in a state have ids from `next` on, so that a page that stayed open takes
 * nothing of it for something else. To be called before an encoder takes the state over.
 */
export function beginRefIds(state: object, next: number): void {
  if (refIdOf(state) === undefined) setRefId(state, ROOT_REF_ID);
  const tree: ChangeTree & { [FIRST_REF_ID]?: number } = treeOf(state);
  const first = Math.max(next, tree[FIRST_REF_ID] ?? 0);
  tree[FIRST_REF_ID] = first;
  // New parts get their ids while the encoder takes the state over, before anybody is asked.
  tree.setRoot = (root: Root): void => {
    reserveRefIds(root, first);
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

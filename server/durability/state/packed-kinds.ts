import { Grid } from "../../../shared/state/grid.ts";
import type { PackedCollection } from "../../../shared/state/schema-hooks.ts";
import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import { SavedGrid } from "./saved-grid.ts";

/** What a packed collection held, as records tell it. */
export interface PackedContent {
  applyWhole(body: Uint8Array): void;
  applyChanges(body: Uint8Array): void;
  /** All of it, for `applyWhole`. */
  toBody(): readonly Uint8Array[];
  /** A new collection that holds the same, to be part of a live state. */
  toCollection(): PackedCollection;
  /** The same as plain data. */
  toPlain(): unknown;
}

interface PackedKind {
  /** As in the schema. */
  readonly name: string;
  readonly collection: new () => PackedCollection;
  readonly content: new () => PackedContent;
}

const PACKED_KINDS: readonly PackedKind[] = [
  { name: "grid", collection: Grid, content: SavedGrid },
];

/** Throws a TypeError for a collection that has no line above. */
export function packedName(ref: PackedCollection): string {
  const kind = PACKED_KINDS.find(({ collection }) => ref instanceof collection);
  if (kind === undefined) throw new TypeError(`${ref.constructor.name} cannot be recorded`);
  return kind.name;
}

export function makePackedContent(name: string): PackedContent {
  const kind = PACKED_KINDS.find((each) => each.name === name);
  if (kind === undefined) throw stateMalformed(`packed collection "${name}" is unknown`);
  return new kind.content();
}

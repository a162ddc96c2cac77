import {
  $changes,
  $childType,
  $numFields,
  $refId,
  ArraySchema,
  type ChangeTree,
  MapSchema,
  type Metadata,
  type Ref,
  type Schema,
  type StateView,
  type TypeContext,
} from "@colyseus/schema";

/**
 * What a comparison of states needs of @colyseus/schema beyond its documented API, beside
 * schema-hooks.ts: what a state holds, under which ids, and what of it a view sees.
 * schema-content.test.ts says in a sentence what moved when it no longer fits.
 */

/** A field of a schema class. */
export interface SchemaField {
  readonly index: number;
  readonly name: string;
  /** Type of a primitive value; undefined for whatever has a ref id of its own. */
  readonly primitive: string | undefined;
}

/** Of a collection: its wire index, its key in a map (else the index), what is there. */
export type EntryVisitor = (index: number, key: string | number, value: unknown) => void;

/** The id under which both sides know a part of the state; undefined: it is in none. */
export function refIdOf(ref: object): number | undefined {
  return (ref as Partial<Ref>)[$refId];
}

export function fieldsOf(schemaClass: object): SchemaField[] {
  const metadata = metadataOf(schemaClass);
  const fields: SchemaField[] = [];
  for (let index = 0; index <= (metadata?.[$numFields] ?? -1); index++) {
    const field = metadata![index];
    if (field !== undefined) {
      fields.push({ index, name: field.name, primitive: primitiveOf(field.type) });
    }
  }
  return fields;
}

/** Type of a collection's primitive values; undefined when they have ref ids. */
export function primitiveChildOf(collection: object): string | undefined {
  const childType = (collection as { [$childType]?: unknown })[$childType];
  return typeof childType === "string" ? childType : undefined;
}

export function forEachEntry(collection: object, visit: EntryVisitor): void {
  if (collection instanceof ArraySchema) {
    collection.forEach((value: unknown, index: number) => visit(index, index, value));
  } else if (collection instanceof MapSchema) {
    const indices = collection._collectionIndexes;
    collection.forEach((value: unknown, key: string) => visit(indices[key] ?? -1, key, value));
  } else {
    const { entries } = collection as { entries: () => Iterable<[number, unknown]> };
    for (const [index, value] of entries.call(collection)) visit(index, index, value);
  }
}

/**
 * Whether a field or entry is sent to a client with this view, or to one without: the rule
 * by which the encoder writes full states.
 */
export function isSent(ref: object, index: number, view: StateView | undefined): boolean {
  const tree = treeOf(ref);
  const { tags, filter } = tree.encDescriptor;
  if (!tree.isFiltered && tags[index] === undefined) return true;
  if (view === undefined || !view.isChangeTreeVisible(tree)) return false;
  return filter === undefined || filter(tree.ref, index, view);
}

/** Whether anything inside a ref is sent to such a client. */
export function isSeen(ref: object, view: StateView | undefined): boolean {
  const tree = treeOf(ref);
  return !tree.isFiltered || (view !== undefined && view.isChangeTreeVisible(tree));
}

/** Whether a ref is sent to some clients only, who know its entries in no order. */
export function isFiltered(ref: object): boolean {
  return treeOf(ref).isFiltered;
}

/** The classes of a state that is encoded, each with the id that the reflection gives it. */
export function typesOf(state: Schema): TypeContext | undefined {
  return treeOf(state).root?.types;
}

/**
 * Fields whose value at a client depends on when it joined or on what got through: those of
 * patches or of full states alone, unreliable ones, streams, and what nobody may read.
 */
export function uncomparedFieldsOf(schemaClass: object): number[] {
  const metadata = metadataOf(schemaClass);
  const indices: number[] = [];
  for (let index = 0; index <= (metadata?.[$numFields] ?? -1); index++) {
    const { patchOnly, fullStateOnly, unreliable, stream, deprecated } = metadata![index] ?? {};
    if (patchOnly || fullStateOnly || unreliable || stream || deprecated) indices.push(index);
  }
  return indices;
}

function metadataOf(schemaClass: object): Metadata | undefined {
  return (schemaClass as { [Symbol.metadata]?: Metadata })[Symbol.metadata];
}

/** Quantized fields hold, on both sides, exactly the number that the wire stands for. */
function primitiveOf(type: unknown): string | undefined {
  if (typeof type === "string") return type;
  return typeof type === "object" && type !== null && "quantized" in type ? "float64" : undefined;
}

function treeOf(ref: object): ChangeTree {
  return (ref as { [$changes]: ChangeTree })[$changes];
}

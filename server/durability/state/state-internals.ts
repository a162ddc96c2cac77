import {
  $changes,
  $childType,
  $numFields,
  $refId,
  $values,
  ArraySchema,
  ChangeTree,
  CollectionSchema,
  MapSchema,
  type Metadata,
  type Root,
  type Schema,
  SetSchema,
} from "@colyseus/schema";
import { NumberedKind } from "./record-form.ts";

/**
 * Every place where the record of a state reaches past the documented API of
 * @colyseus/schema, in one file. state-internals.test.ts says in a sentence what moved when
 * an upgrade breaks one.
 */

export type SchemaClass = typeof Schema;

/** What the package keeps about one field of a class. */
export interface FieldMetadata {
  readonly index: number;
  readonly name: string;
  readonly type: unknown;
}

/** How an array keeps its elements while a tick is open. */
export interface ArrayInternals {
  /** As the game sees them. */
  items: unknown[];
  /** The same with those that the tick has removed still in their places. */
  tmpItems: unknown[];
  readonly deletedIndexes: readonly (boolean | undefined)[];
}

export interface MapInternals {
  readonly $items: Map<string, unknown>;
  readonly journal: {
    readonly keyByIndex: Map<number, string>;
    readonly indexByKey: Record<string, unknown>;
    nextIndex: number;
  };
}

/** Of sets, collections and streams, whose entries have a number for a key. */
export interface NumberedInternals {
  readonly $items: Map<number, unknown>;
  /** The next key of a set or collection. */
  $refId?: number;
  /** The same of a stream, which also knows each element's key. */
  $nextPosition?: number;
  readonly _itemIndex?: Map<unknown, number>;
}

/** What a streamed collection has still to hand out, and has handed out, to everybody. */
interface StreamInternals {
  readonly _stream?: {
    readonly broadcastPending: Set<number>;
    readonly sentBroadcast: Set<number>;
  };
}

export function treeOf(ref: object): ChangeTree {
  return (ref as { [$changes]: ChangeTree })[$changes];
}

/** Whether the package tracks what changes in it: a decoded mirror, or foreign object, is not. */
export function isTracked(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return (value as { [$changes]?: unknown })[$changes] instanceof ChangeTree;
}

export function refIdOf(ref: object): number | undefined {
  return (ref as { [$refId]?: number })[$refId];
}

/** Not enumerable, as the package does it: deep comparisons would see it. */
export function setRefId(ref: object, refId: number): void {
  Object.defineProperty(ref, $refId, { value: refId, enumerable: false, writable: true });
}

export function childTypeOf(collection: object): unknown {
  return (collection as { [$childType]?: unknown })[$childType];
}

export function setChildType(collection: object, childType: unknown): void {
  (collection as { [$childType]?: unknown })[$childType] = childType;
}

export function arrayInternals(array: object): ArrayInternals {
  return array as ArrayInternals;
}

export function mapInternals(map: object): MapInternals {
  return map as MapInternals;
}

export function numberedInternals(collection: object): NumberedInternals {
  return collection as NumberedInternals;
}

/** A field's value without asking its getter, which throws for a deprecated field. */
export function fieldValue(schema: object, { index, name }: FieldMetadata): unknown {
  const value = (schema as { [$values]: unknown[] })[$values][index];
  if (value !== undefined) return value;
  // Fields without accessors, whose changes the game tells by `setDirty`.
  return Object.getOwnPropertyDescriptor(schema, name)?.value as unknown;
}

/** Sets a field as if it had always been so: no setter runs, nothing is a change. */
export function setFieldValue(schema: object, field: FieldMetadata, value: unknown): void {
  const values = (schema as { [$values]: unknown[] })[$values];
  const accessor = propertyOf(schema, field.name);
  if (accessor?.get !== undefined) values[field.index] = value;
  else (schema as Record<string, unknown>)[field.name] = value;
}

export function fieldsOfClass(schemaClass: object): FieldMetadata[] {
  const metadata = (schemaClass as { [Symbol.metadata]?: Metadata })[Symbol.metadata];
  const fields: FieldMetadata[] = [];
  for (let index = 0; index <= (metadata?.[$numFields] ?? -1); index++) {
    const field = metadata![index] as FieldMetadata | undefined;
    if (field !== undefined) fields.push({ index, name: field.name, type: field.type });
  }
  return fields;
}

/** Arguments that the `initialize` of a class made by `schema()` asks for. */
export function initializerArguments(schemaClass: object): number {
  const { _initialize } = schemaClass as { _initialize?: (...args: never[]) => void };
  return _initialize?.length ?? 0;
}

export function nextRefId(root: Root): number {
  return (root as unknown as { nextUniqueId: number }).nextUniqueId;
}

/** Ref ids go on from there at least. */
export function reserveRefIds(root: Root, next: number): void {
  const internals = root as unknown as { nextUniqueId: number };
  internals.nextUniqueId = Math.max(internals.nextUniqueId, next);
}

/** Whether this very object is part of the state now. */
export function isPart(root: Root, tree: ChangeTree): boolean {
  const refId = refIdOf(tree.ref as object);
  return refId !== undefined && root.changeTrees[refId] === tree;
}

export function partsOf(root: Root): ChangeTree[] {
  return Object.values(root.changeTrees);
}

/** Calls `onArrival` with whatever becomes part of the state, or is so again. */
export function watchArrivals(root: Root, onArrival: (tree: ChangeTree) => void): void {
  const add = root.add.bind(root);
  root.add = (tree) => {
    const isNew = add(tree);
    if (isNew) onArrival(tree);
    return isNew;
  };
}

/** Visits everything that the open tick has changed. */
export function forEachChanged(root: Root, visit: (tree: ChangeTree) => void): void {
  for (let node = root.changes.next; node !== undefined; node = node.next) {
    if (node.changeTree.has()) visit(node.changeTree);
  }
}

export function hasPendingChanges(root: Root): boolean {
  let hasSome = false;
  forEachChanged(root, () => {
    hasSome = true;
  });
  return hasSome;
}

/** Has every stream tell everybody of all that is in it, once more. */
export function restartStreams(root: Root): void {
  for (const stream of root.streamTrees) {
    const { _stream } = stream as StreamInternals;
    if (_stream === undefined) continue;
    _stream.sentBroadcast.clear();
    for (const index of indexesOf(stream)) _stream.broadcastPending.add(index);
  }
}

/** Keys on the wire of what a collection holds. */
export function indexesOf(collection: object): number[] {
  if (!(collection instanceof MapSchema)) return [...numberedInternals(collection).$items.keys()];
  const { $items, journal } = mapInternals(collection);
  return [...journal.keyByIndex].flatMap(([index, key]) => ($items.has(key) ? [index] : []));
}

export function numberedKindOf(ref: object): NumberedKind {
  if (ref instanceof SetSchema) return NumberedKind.SET;
  return ref instanceof CollectionSchema ? NumberedKind.COLLECTION : NumberedKind.STREAM;
}

/** The key that the next entry of a set, collection or stream gets. */
export function nextIndexOf(ref: object): number {
  const collection = numberedInternals(ref);
  return collection.$refId ?? collection.$nextPosition ?? 0;
}

export function isArray(ref: object): boolean {
  return ref instanceof ArraySchema;
}

export function isMap(ref: object): boolean {
  return ref instanceof MapSchema;
}

function propertyOf(object: object, name: string): PropertyDescriptor | undefined {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

import {
  $childType,
  $decoder,
  $deleteByIndex,
  $refId,
  type DataChange,
  type Decoder,
  type Iterator,
  OPERATION,
  Schema,
} from "@colyseus/schema";

type Changes = DataChange[] | null;
type DecodeOperation = (
  decoder: Decoder,
  bytes: Uint8Array,
  it: Iterator,
  ref: object,
  changes: Changes,
) => number | void;
type SchemaClass = { [$decoder]: DecodeOperation };
type Fields = Record<number, { readonly name: string } | undefined>;

/** High bits of a field's first byte: its operation. The rest is the field's index. */
const OPERATION_BITS = 0xc0;

/**
 * Completes `Decoder.decodeResync` of @colyseus/schema 5, which removes the entries of
 * collections that a full state no longer has, but leaves fields that became `undefined`
 * meanwhile as they were. Here they are cleared too, and their callbacks hear of it.
 *
 * It notes which fields the full state mentions by standing before the decode operation of
 * the reflected classes, which belong to this decoder alone.
 */
export class ResyncedFields {
  readonly #decoder: Decoder<Schema>;
  /** By refId, the field indexes seen in the full state under way. */
  #seen: Map<number, Set<number>> | undefined;

  constructor(decoder: Decoder<Schema>) {
    this.#decoder = decoder;
    for (const reflected of decoder.context.schemas.keys()) {
      const schemaClass = reflected as unknown as SchemaClass;
      const decode = schemaClass[$decoder];
      schemaClass[$decoder] = (each, bytes, it, ref, changes) => {
        if (this.#seen !== undefined) this.#note(each.currentRefId, bytes[it.offset] ?? 0);
        return decode(each, bytes, it, ref, changes);
      };
    }
  }

  decodeResync(bytes: Uint8Array, it: Iterator): void {
    const decoder = this.#decoder;
    const { triggerChanges } = decoder;
    const seen = new Map<number, Set<number>>();
    this.#seen = seen;
    // The one moment after everything is decoded and before anybody is told.
    const clearAndTrigger = (changes: DataChange[]): void => {
      clearUnseen(decoder, decoder.state, seen, new Set(), changes);
      triggerChanges?.(changes);
    };
    decoder.triggerChanges = clearAndTrigger;
    try {
      decoder.decodeResync(bytes, it);
    } finally {
      this.#seen = undefined;
      // Somebody may have begun to watch meanwhile; then theirs stays.
      if (decoder.triggerChanges === clearAndTrigger) restoreTrigger(decoder, triggerChanges);
    }
  }

  #note(refId: number, firstByte: number): void {
    const index = firstByte % (firstByte & OPERATION_BITS || 255);
    const fields = this.#seen?.get(refId);
    if (fields === undefined) this.#seen?.set(refId, new Set([index]));
    else fields.add(index);
  }
}

function clearUnseen(
  decoder: Decoder,
  ref: object,
  seen: ReadonlyMap<number, ReadonlySet<number>>,
  visited: Set<object>,
  changes: DataChange[],
): void {
  if (visited.has(ref)) return;
  visited.add(ref);
  if (!Schema.isSchema(ref)) {
    for (const child of childrenOf(ref)) clearUnseen(decoder, child, seen, visited, changes);
    return;
  }
  const refId = refIdOf(ref);
  if (refId === undefined) return;
  const seenFields = seen.get(refId);
  for (const [index, name] of fieldsOf(ref)) {
    const value = (ref as unknown as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    if (seenFields?.has(index) === true) {
      if (typeof value === "object") clearUnseen(decoder, value, seen, visited, changes);
      continue;
    }
    const childRefId = typeof value === "object" ? refIdOf(value) : undefined;
    if (childRefId !== undefined) decoder.root.removeRef(childRefId);
    ref[$deleteByIndex](index);
    changes.push({
      ref,
      refId,
      op: OPERATION.DELETE,
      field: name,
      value: undefined,
      previousValue: value,
    });
  }
}

function restoreTrigger(decoder: Decoder, trigger: Decoder["triggerChanges"]): void {
  if (trigger === undefined) delete decoder.triggerChanges;
  else decoder.triggerChanges = trigger;
}

function fieldsOf(ref: Schema): [index: number, name: string][] {
  const fields = (ref.constructor as typeof Schema)[Symbol.metadata] as Fields;
  // Numbered keys only: names and symbols are in there as well.
  return Object.keys(fields)
    .filter((key) => fields[Number(key)] !== undefined)
    .map((key) => [Number(key), fields[Number(key)]!.name]);
}

/** Children that can have fields: a collection of schemas has them, packed cells do not. */
function childrenOf(collection: object): Iterable<object> {
  const { [$childType]: childType, values } = collection as {
    [$childType]?: unknown;
    values?: () => Iterable<object>;
  };
  return typeof childType === "function" && values !== undefined ? values.call(collection) : [];
}

function refIdOf(ref: object): number | undefined {
  return (ref as { [$refId]?: number })[$refId];
}

import { SavedArray } from "./saved-array.ts";
import { SavedMap } from "./saved-map.ts";
import { SavedNumbered } from "./saved-numbered.ts";
import { SavedPacked } from "./saved-packed.ts";
import type { SavedPart } from "./saved-part.ts";
import type { SavedRecords } from "./saved-records.ts";
import { SavedSchema } from "./saved-schema.ts";
import { SavedState } from "./saved-state.ts";
import { fromSaved } from "./from-saved.ts";
import { type SavedValue, ValueKind } from "./value-kind.ts";

/** A schema as plain data: an object without a prototype. */
export type PlainSchema = Record<string, unknown>;

/**
 * A saved state as plain data, read without the room's classes: what `migrate` is given.
 * Schemas become objects without a prototype, maps become `Map`s, every other collection an
 * array, a grid `{ width, height, colors, cells }`. What the state held twice is one object.
 */
export function readSavedState(saved: SavedRecords): PlainSchema {
  const state = new SavedState(saved);
  const parts = state.reachable();
  const plain = new Map<number, unknown>();
  // All of them first: parts may refer to each other in a circle.
  for (const [refId, part] of parts) plain.set(refId, emptyPlain(part));
  for (const [refId, part] of parts) fill(plain.get(refId), part, plain);
  return plain.get(state.rootId) as PlainSchema;
}

function emptyPlain(part: SavedPart): unknown {
  if (part instanceof SavedSchema) return Object.create(null) as PlainSchema;
  if (part instanceof SavedMap) return new Map<string, unknown>();
  return part instanceof SavedPacked ? part.content.toPlain() : [];
}

function fill(plain: unknown, part: SavedPart, all: ReadonlyMap<number, unknown>): void {
  const valueOf = (kind: ValueKind, type: string, value: SavedValue): unknown =>
    kind === ValueKind.REF && typeof value === "number" ? all.get(value) : fromSaved(type, value);

  if (part instanceof SavedSchema) {
    for (const { name, kind, type } of part.definition.fields) {
      const value = part.value(name);
      if (value !== undefined) (plain as PlainSchema)[name] = valueOf(kind, type, value);
    }
  } else if (part instanceof SavedMap) {
    const { kind, childType } = part;
    for (const [key, { value }] of part.entries) {
      (plain as Map<string, unknown>).set(key, valueOf(kind, childType, value));
    }
  } else if (part instanceof SavedArray || part instanceof SavedNumbered) {
    const { kind, childType } = part;
    const values = part instanceof SavedArray ? part.items : part.entries.values();
    for (const value of values) (plain as unknown[]).push(valueOf(kind, childType, value));
  }
}

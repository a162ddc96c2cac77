import type { Schema } from "@colyseus/schema";
import { PackedCollection } from "../../../../shared/state/schema-hooks.ts";
import {
  arrayInternals,
  childTypeOf,
  fieldsOfClass,
  fieldValue,
  isArray,
  isMap,
  mapInternals,
  nextIndexOf,
  numberedInternals,
  refIdOf,
  treeOf,
} from "../../../../server/durability/state/state-internals.ts";

/**
 * Everything that a live state holds and how it holds it, by ref id: for two states to be
 * compared by. References are told by their ref ids, so that shared parts have to be shared.
 */
export function contentOf(state: Schema): unknown[] {
  const content = new Map<number, unknown>();
  const pending: object[] = [state];
  const reference = (value: unknown): unknown => {
    // The wire has no null, and nothing tells that undefined became it.
    if (typeof value !== "object" || value === null) return value ?? undefined;
    const refId = refIdOf(value);
    if (refId === undefined) return "a part without a ref id";
    if (!content.has(refId)) pending.push(value);
    return { refId };
  };
  for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
    content.set(refIdOf(ref)!, describeContent(ref, reference));
  }
  return [...content].toSorted(([one], [other]) => one - other);
}

function describeContent(ref: object, reference: (value: unknown) => unknown): unknown {
  const target = treeOf(ref).refTarget as object;
  if (target instanceof PackedCollection) {
    const { width, height, colors, cells } = target as PackedCollection & Record<string, unknown>;
    return { kind: "packed", width, height, colors, cells: [...(cells as Uint8Array)] };
  }
  const childType = childTypeOf(target);
  if (childType === undefined) {
    const fields = fieldsOfClass(target.constructor).map((field) => [
      field.name,
      reference(fieldValue(target, field)),
    ]);
    return { kind: target.constructor.name, fields };
  }
  const of = typeof childType === "string" ? childType : (childType as { name: string }).name;
  if (isArray(target))
    return { kind: "array", of, items: arrayInternals(target).items.map(reference) };
  if (isMap(target)) {
    const { $items, journal } = mapInternals(target);
    const entries = [...$items].map(([key, value]) => [
      key,
      journal.indexByKey[key],
      reference(value),
    ]);
    // A key that left a map without a note keeps its index; one that never was there has none.
    return treeOf(ref).isFullStateOnly
      ? { kind: "map", of, entries: [...$items] }
      : { kind: "map", of, entries, next: journal.nextIndex };
  }
  const entries = [...numberedInternals(target).$items].map(([key, value]) => [
    key,
    reference(value),
  ]);
  return { kind: target.constructor.name, of, entries, next: nextIndexOf(target) };
}

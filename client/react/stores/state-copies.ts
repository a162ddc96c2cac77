import { ArraySchema, CollectionSchema, MapSchema, Schema, SetSchema } from "@colyseus/schema";
import { fieldsOf } from "../../../shared/state/schema-content.ts";

/**
 * Copies of what is picked out of a live state, which changes in place: as plain values that
 * stay as they were. A part that is as before is the same object as before, so that `===`
 * says what changed: also when it is at another place in its list or map by now.
 */
export class StateCopies {
  /** The latest copy of each schema object. */
  readonly #latest = new WeakMap<Schema, object>();

  /** `previous` is the copy that the value is compared with. */
  copy(value: unknown, previous: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (isList(value)) return this.#copyList([...value], previous);
    if (value instanceof Map || value instanceof MapSchema) return this.#copyMap(value, previous);
    if (value instanceof Set || value instanceof SetSchema) {
      return this.#copySet([...(value as Iterable<unknown>)], previous);
    }
    if (value instanceof Schema) return this.#copySchema(value);
    if (isPlain(value)) return this.#copyRecord(value, Object.keys(value), previous);
    // A grid, a date: nothing that could be copied without knowing it.
    return value;
  }

  #copySchema(value: Schema): unknown {
    const names = fieldsOf(value.constructor).map(({ name }) => name);
    const copy = this.#copyRecord(value, names, this.#latest.get(value));
    this.#latest.set(value, copy);
    return copy;
  }

  #copyRecord(value: object, names: readonly string[], previous: unknown): object {
    const before = isPlain(previous) ? previous : {};
    const copy: Record<string, unknown> = {};
    for (const name of names) copy[name] = this.copy(Reflect.get(value, name), before[name]);
    const isSame =
      before === previous &&
      Object.keys(before).length === names.length &&
      names.every((name) => name in before && Object.is(before[name], copy[name]));
    return isSame ? before : copy;
  }

  #copyList(values: readonly unknown[], previous: unknown): unknown {
    const before = Array.isArray(previous) ? (previous as readonly unknown[]) : [];
    const copy = values.map((value, index) => this.copy(value, before[index]));
    const isSame = before === previous && isSameList(before, copy);
    return isSame ? before : copy;
  }

  #copyMap(values: Iterable<readonly [unknown, unknown]>, previous: unknown): unknown {
    const before = previous instanceof Map ? (previous as ReadonlyMap<unknown, unknown>) : NOTHING;
    const copy = new Map<unknown, unknown>();
    for (const [key, value] of values) copy.set(key, this.copy(value, before.get(key)));
    const isSame =
      before === previous &&
      isSameList([...before.keys()], [...copy.keys()]) &&
      isSameList([...before.values()], [...copy.values()]);
    return isSame ? before : copy;
  }

  #copySet(values: readonly unknown[], previous: unknown): unknown {
    const before = previous instanceof Set ? [...(previous as ReadonlySet<unknown>)] : [];
    const copy = values.map((value) => this.copy(value, undefined));
    return previous instanceof Set && isSameList(before, copy) ? previous : new Set(copy);
  }
}

const NOTHING: ReadonlyMap<unknown, unknown> = new Map();

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => Object.is(value, other[index]));
}

function isList(value: object): value is Iterable<unknown> & object {
  return Array.isArray(value) || value instanceof ArraySchema || value instanceof CollectionSchema;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

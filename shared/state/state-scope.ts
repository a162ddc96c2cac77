import type { Schema, StateView, TypeContext } from "@colyseus/schema";
import {
  isFiltered,
  isSeen,
  isSent,
  refIdOf,
  typesOf,
  uncomparedFieldsOf,
} from "./schema-content.ts";

/** Which part of a state is compared. Both sides go by the same one. */
export interface StateScope {
  /** Whether this part is left out with everything in it, though the client may know of it. */
  isHidden(ref: object): boolean;
  /** Whether a field of a schema, or an entry of a collection, is part of it. */
  includes(ref: object, index: number): boolean;
  /** Whether the schemas in this array stand in the same order on both sides. */
  isOrdered(array: object): boolean;
}

/** What a client cannot know of its scope by itself. */
export interface ScopeLimits {
  /** Fields that are left out: type id of the class, and their indices. */
  readonly uncompared: readonly (readonly [typeId: number, indices: readonly number[]])[];
  /** Ref ids of what is hidden from this client, which may hold what it once was. */
  readonly hidden: readonly number[];
  /** Ref ids of the arrays whose order this client is not told. */
  readonly unordered: readonly number[];
}

/** On the server: what a client with this view, or one without, is sent. */
export class SentScope implements StateScope {
  readonly #uncompared: [typeId: number, indices: number[]][] = [];
  readonly #hidden = new Set<number>();
  readonly #unordered: number[] = [];
  readonly #view: StateView | undefined;
  readonly #left: UncomparedFields;

  constructor(state: Schema, view?: StateView) {
    this.#view = view;
    const types = typesOf(state);
    for (const [schemaClass, typeId] of types?.schemas ?? []) {
      const indices = uncomparedFieldsOf(schemaClass);
      if (indices.length > 0) this.#uncompared.push([typeId, indices]);
    }
    this.#left = new UncomparedFields(types, this.#uncompared);
  }

  /** What the client has to know, once the state was walked. */
  get limits(): ScopeLimits {
    const [uncompared, unordered] = [this.#uncompared, this.#unordered];
    return { uncompared, hidden: [...this.#hidden], unordered };
  }

  isHidden(ref: object): boolean {
    if (isSeen(ref, this.#view)) return false;
    this.#hidden.add(refIdOf(ref)!);
    return true;
  }

  includes(ref: object, index: number): boolean {
    return !this.#left.has(ref, index) && isSent(ref, index, this.#view);
  }

  isOrdered(array: object): boolean {
    if (!isFiltered(array)) return true;
    this.#unordered.push(refIdOf(array)!);
    return false;
  }
}

/** On a client: everything it holds, within what the server compared. */
export class ReceivedScope implements StateScope {
  readonly #left: UncomparedFields;
  readonly #hidden: ReadonlySet<number>;
  readonly #unordered: ReadonlySet<number>;

  constructor(types: TypeContext, { uncompared, hidden, unordered }: ScopeLimits) {
    this.#left = new UncomparedFields(types, uncompared);
    this.#hidden = new Set(hidden);
    this.#unordered = new Set(unordered);
  }

  isHidden(ref: object): boolean {
    return this.#hidden.has(refIdOf(ref)!);
  }

  includes(ref: object, index: number): boolean {
    return !this.#left.has(ref, index);
  }

  isOrdered(array: object): boolean {
    return !this.#unordered.has(refIdOf(array)!);
  }
}

class UncomparedFields {
  readonly #indices = new Map<unknown, ReadonlySet<number>>();

  constructor(types: TypeContext | undefined, uncompared: ScopeLimits["uncompared"]) {
    for (const [typeId, indices] of uncompared) {
      this.#indices.set(types?.get(typeId), new Set(indices));
    }
  }

  has(ref: object, index: number): boolean {
    return this.#indices.get(ref.constructor)?.has(index) === true;
  }
}

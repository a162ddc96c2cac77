import { ArraySchema, Schema } from "@colyseus/schema";
import { CanonicalBytes } from "./canonical-bytes.ts";
import { Checksum } from "./checksum.ts";
import {
  fieldsOf,
  forEachEntry,
  primitiveChildOf,
  refIdOf,
  type SchemaField,
} from "./schema-content.ts";
import { PackedCollection } from "./schema-hooks.ts";
import type { StateScope } from "./state-scope.ts";

export interface StateChecksum {
  /** 32 bits over everything in scope: it finds differences, but proves nothing to a liar. */
  readonly checksum: number;
  /** How many schemas and collections it is over. */
  readonly refs: number;
}

/**
 * The checksum of everything in `scope` that can be reached from `state`: equal on server and
 * client exactly when they hold the same. Computed from scratch at each call, on both sides by
 * the same walk over the same ref ids.
 */
export function stateChecksum(state: Schema, scope: StateScope): StateChecksum {
  const walk = new ChecksumWalk(scope);
  walk.run(state);
  return { checksum: walk.sum >>> 0, refs: walk.refs };
}

/** Adds up one number for each value there is: where it is and what, in no order. */
class ChecksumWalk {
  sum = 0;
  readonly #scope: StateScope;
  readonly #checksum = new Checksum();
  readonly #bytes = new CanonicalBytes();
  readonly #fields = new Map<object, readonly SchemaField[]>();
  readonly #found = new Set<number>();
  readonly #pending: object[] = [];

  constructor(scope: StateScope) {
    this.#scope = scope;
  }

  get refs(): number {
    return this.#found.size;
  }

  run(state: Schema): void {
    this.#find(state);
    for (let ref = this.#pending.pop(); ref !== undefined; ref = this.#pending.pop()) {
      const refId = refIdOf(ref)!;
      if (ref instanceof PackedCollection) this.#addPacked(refId, ref);
      else if (Schema.isSchema(ref)) this.#addSchema(refId, ref);
      else this.#addCollection(refId, ref);
    }
  }

  #addSchema(refId: number, ref: Schema): void {
    for (const { index, name, primitive } of this.#fieldsOf(ref.constructor)) {
      // Asked first: a field that is out of scope may not even be readable.
      if (!this.#scope.includes(ref, index)) continue;
      this.#add(refId, index, (ref as unknown as Record<string, unknown>)[name], primitive);
    }
  }

  #addCollection(refId: number, ref: object): void {
    const primitive = primitiveChildOf(ref);
    const isArray = ref instanceof ArraySchema;
    const hasOrder = isArray && (primitive !== undefined || this.#scope.isOrdered(ref));
    forEachEntry(ref, (index, key, value) => {
      if (!this.#scope.includes(ref, index)) return;
      // What stands where is part of the content in ordered arrays and in maps only.
      const place = typeof key === "string" || hasOrder ? key : 0;
      this.#add(refId, place, value, primitive);
    });
  }

  #addPacked(refId: number, ref: PackedCollection): void {
    const content = ref.contentChecksum();
    if (content === undefined) return;
    this.#checksum.word(refId);
    this.#checksum.word(content);
    this.#close();
  }

  #add(refId: number, place: number | string, value: unknown, primitive?: string): void {
    if (value === undefined || value === null) return;
    if (primitive === undefined && this.#scope.isHidden(value)) return;
    this.#checksum.word(refId);
    if (typeof place === "number") this.#checksum.word(place);
    else this.#bytes.addTo(this.#checksum, "string", place);
    if (primitive === undefined) this.#checksum.word(this.#find(value));
    else this.#bytes.addTo(this.#checksum, primitive, value);
    this.#close();
  }

  #close(): void {
    this.sum = (this.sum + this.#checksum.finish()) | 0;
  }

  /** The ref id of a child, whose content is added later; each child once. */
  #find(child: object): number {
    const refId = refIdOf(child) ?? -1;
    if (refId < 0 || this.#found.has(refId)) return refId;
    this.#found.add(refId);
    this.#pending.push(child);
    return refId;
  }

  #fieldsOf(schemaClass: object): readonly SchemaField[] {
    let fields = this.#fields.get(schemaClass);
    if (fields === undefined) {
      fields = fieldsOf(schemaClass);
      this.#fields.set(schemaClass, fields);
    }
    return fields;
  }
}

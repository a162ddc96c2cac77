import {
  ArraySchema,
  CollectionSchema,
  MapSchema,
  type Ref,
  type Schema,
  SetSchema,
  StreamSchema,
} from "@colyseus/schema";
import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import { declaredClass, typeText } from "./class-definition.ts";
import type { ClassMatch } from "./class-match.ts";
import { fromSaved } from "./from-saved.ts";
import { makeInstance } from "./make-instance.ts";
import { NumberedKind } from "./record-form.ts";
import { SavedArray } from "./saved-array.ts";
import { SavedMap } from "./saved-map.ts";
import { SavedNumbered } from "./saved-numbered.ts";
import { SavedPacked } from "./saved-packed.ts";
import type { SavedPart } from "./saved-part.ts";
import { SavedSchema } from "./saved-schema.ts";
import type { SavedState } from "./saved-state.ts";
import {
  arrayInternals,
  fieldsOfClass,
  mapInternals,
  numberedInternals,
  type SchemaClass,
  setChildType,
  setFieldValue,
  setRefId,
  treeOf,
} from "./state-internals.ts";
import { type SavedValue, ValueKind } from "./value-kind.ts";

interface Built {
  readonly ref: object;
  readonly part: SavedPart;
  /** Of a collection: what its elements may be. */
  readonly childClass?: SchemaClass | undefined;
}

/** Makes the tracked objects of a saved state, and puts them together without a change. */
export class PartBuilder {
  readonly #state: SavedState;
  readonly #match: ClassMatch;
  readonly #built = new Map<number, Built>();

  constructor(state: SavedState, match: ClassMatch) {
    this.#state = state;
    this.#match = match;
  }

  build(rootClass: SchemaClass): Schema {
    const { rootId } = this.#state;
    const root = this.#make(rootId, rootClass);
    // What is made while it runs is filled too. No recursion: a chain may be any length.
    for (const each of this.#built.values()) this.#fill(each);
    return root as Schema;
  }

  /** The object for a ref id, which a field or collection of that type refers to. */
  #make(refId: number, type: unknown): object {
    const part = this.#state.part(refId);
    const known = this.#built.get(refId)?.ref;
    if (part instanceof SavedSchema) {
      const schemaClass = this.#classOf(part, type);
      return known ?? this.#add(refId, { ref: makeInstance(schemaClass), part });
    }
    const now = typeText(type);
    const was = collectionText(part);
    if (now !== was) throw stateMalformed(`a ${was} stands where a ${now} belongs`);
    if (known !== undefined) return known;
    const ref = emptyCollection(part);
    setChildType(ref, Object.values(type as object)[0]);
    return this.#add(refId, { ref, part, childClass: declaredClass(type) });
  }

  #add(refId: number, built: Built): object {
    setRefId(built.ref, refId);
    this.#built.set(refId, built);
    return built.ref;
  }

  #classOf(part: SavedSchema, type: unknown): SchemaClass {
    const { definition } = part;
    if (typeof type === "function") return this.#match.of(definition, type as SchemaClass);
    throw stateMalformed(`a ${definition.name} stands where no schema belongs`);
  }

  #fill({ ref, part, childClass }: Built): void {
    if (part instanceof SavedSchema) this.#fillSchema(ref, part);
    else if (part instanceof SavedArray) this.#fillArray(ref, part, childClass);
    else if (part instanceof SavedMap) this.#fillMap(ref, part, childClass);
    else if (part instanceof SavedNumbered) this.#fillNumbered(ref, part, childClass);
    treeOf(ref).reset();
    treeOf(ref).unreliableRecorder?.reset();
  }

  #fillSchema(ref: object, part: SavedSchema): void {
    const saved = new Map(part.definition.fields.map((field) => [field.name, field]));
    for (const field of fieldsOfClass(ref.constructor)) {
      const was = saved.get(field.name);
      // New in this class: it stays as the class made it.
      if (was === undefined) continue;
      const value = part.value(field.name);
      const isRef = was.kind === ValueKind.REF && typeof value === "number";
      const now = isRef ? this.#make(value, field.type) : fromSaved(was.type, value);
      setFieldValue(ref, field, now);
      if (isRef) adopt(now as object, ref, field.index);
    }
  }

  #fillArray(ref: object, part: SavedArray, childClass: SchemaClass | undefined): void {
    const items = part.items.map((item) => this.#element(part, item, childClass));
    const array = arrayInternals(ref);
    array.items = items;
    array.tmpItems = items.slice();
    if (part.kind !== ValueKind.REF) return;
    items.forEach((item, at) => item !== undefined && adopt(item as object, ref, at));
  }

  #fillMap(ref: object, part: SavedMap, childClass: SchemaClass | undefined): void {
    const { $items, journal } = mapInternals(ref);
    const indexes: [index: number, key: string][] = [];
    for (const [key, { index, value }] of part.entries) {
      const element = this.#element(part, value, childClass);
      $items.set(key, element);
      indexes.push([index, key]);
      if (part.kind === ValueKind.REF) adopt(element as object, ref, index);
    }
    // In the order in which keys came, which is the order of full states.
    for (const [index, key] of indexes.toSorted(([one], [other]) => one - other)) {
      journal.keyByIndex.set(index, key);
      Object.defineProperty(journal.indexByKey, key, {
        value: index,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    }
    journal.nextIndex = part.next;
  }

  #fillNumbered(ref: object, part: SavedNumbered, childClass: SchemaClass | undefined): void {
    const collection = numberedInternals(ref);
    for (const [index, value] of part.entries) {
      const element = this.#element(part, value, childClass);
      collection.$items.set(index, element);
      collection._itemIndex?.set(element, index);
      if (part.kind === ValueKind.REF) adopt(element as object, ref, index);
    }
    if (ref instanceof StreamSchema) collection.$nextPosition = part.next;
    else collection.$refId = part.next;
  }

  #element(
    { kind, childType }: { readonly kind: ValueKind; readonly childType: string },
    value: SavedValue,
    childClass: SchemaClass | undefined,
  ): unknown {
    if (kind !== ValueKind.REF || typeof value !== "number") return fromSaved(childType, value);
    return this.#make(value, childClass);
  }
}

function emptyCollection(part: SavedPart): object {
  if (part instanceof SavedArray) return new ArraySchema();
  if (part instanceof SavedMap) return new MapSchema();
  if (part instanceof SavedPacked) return part.content.toCollection();
  const { collection } = part as SavedNumbered;
  if (collection === NumberedKind.SET) return new SetSchema();
  return collection === NumberedKind.COLLECTION ? new CollectionSchema() : new StreamSchema();
}

/** What a field has to be for such a collection, as `typeText` has it. */
function collectionText(part: SavedPart): string {
  if (part instanceof SavedArray) return `array<${part.childType}>`;
  if (part instanceof SavedMap) return `map<${part.childType}>`;
  if (part instanceof SavedPacked) return `${part.name}<uint8>`;
  const { collection, childType } = part as SavedNumbered;
  if (collection === NumberedKind.SET) return `set<${childType}>`;
  return `${collection === NumberedKind.COLLECTION ? "collection" : "stream"}<${childType}>`;
}

function adopt(child: object, parent: object, index: number): void {
  treeOf(child).addParent(parent as Ref, index);
}

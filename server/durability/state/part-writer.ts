import { type ChangeTree, OPERATION, type Root, Schema } from "@colyseus/schema";
import { PackedCollection } from "../../../shared/state/schema-hooks.ts";
import { arraySteps } from "./array-steps.ts";
import { ClassTable, type WrittenClass } from "./class-table.ts";
import { formatClass } from "./class-definition.ts";
import { mapSteps } from "./map-steps.ts";
import { packedName } from "./packed-kinds.ts";
import { ABSENT, ArrayStep, MapStep, RecordForm } from "./record-form.ts";
import type { RecordWriter } from "./record-writer.ts";
import {
  arrayInternals,
  childTypeOf,
  fieldValue,
  isArray,
  isMap,
  isPart,
  isTracked,
  mapInternals,
  nextIndexOf,
  numberedInternals,
  numberedKindOf,
  refIdOf,
  treeOf,
} from "./state-internals.ts";
import { primitiveKind, ValueKind, writeValue } from "./value-kind.ts";
import { WireBytes } from "./wire-bytes.ts";

/** What the elements of a collection are. */
interface ChildType {
  /** Name of the primitive type; `ref` for schemas. */
  readonly name: string;
  readonly kind: ValueKind;
}

/** Writes the parts of a live state (its schemas and collections) into a record. */
export class PartWriter {
  readonly classes = new ClassTable();
  readonly #root: Root;
  readonly #wire = new WireBytes();
  /** Of arrays their length, of maps their next index, as they were when last written. */
  readonly #extents = new WeakMap<ChangeTree, number>();
  #out: RecordWriter;
  /** Numbers of the classes that the reader knows. */
  #defined = new Set<number>();
  /** Parts that are referred to from somewhere new; the reader may have forgotten them. */
  #linked: ChangeTree[] = [];

  constructor(root: Root, out: RecordWriter) {
    this.#root = root;
    this.#out = out;
  }

  /** Where it writes from now on, and for a reader who knows which classes. */
  direct(out: RecordWriter, defined: Set<number>): void {
    this.#out = out;
    this.#defined = defined;
  }

  /** What was linked since the last call. */
  takeLinked(): ChangeTree[] {
    const linked = this.#linked;
    this.#linked = [];
    return linked;
  }

  /** Gives back what `takeLinked` returned. */
  link(trees: readonly ChangeTree[]): void {
    this.#linked.push(...trees);
  }

  /** Takes the part for written as it is now. */
  assumeWritten(tree: ChangeTree): void {
    const ref = tree.refTarget as object;
    if (isArray(ref)) this.#extents.set(tree, arrayInternals(ref).items.length);
    else if (isMap(ref)) this.#extents.set(tree, mapInternals(ref).journal.nextIndex);
  }

  writeWhole(tree: ChangeTree): void {
    const ref = tree.refTarget as object;
    if (ref instanceof PackedCollection) this.#packed(ref, true);
    else if (Schema.isSchema(ref)) this.#schema(ref);
    else if (isArray(ref)) this.#array(ref);
    else if (isMap(ref)) this.#map(ref);
    else this.#numbered(ref);
    this.assumeWritten(tree);
  }

  /** What the open tick changed. */
  writeChanges(tree: ChangeTree): void {
    const ref = tree.refTarget as object;
    if (ref instanceof PackedCollection) {
      this.#packed(ref, hasAdd(tree.getChange(0)));
    } else if (Schema.isSchema(ref)) {
      this.#schemaChanges(tree, ref);
    } else {
      if (isArray(ref)) this.#arrayChanges(tree, ref);
      else if (isMap(ref)) this.#mapChanges(tree, ref);
      else this.#numberedChanges(tree, ref);
      this.assumeWritten(tree);
    }
  }

  /** Some fields of a schema, changed or not. */
  writeFields(ref: object, indexes: readonly number[]): void {
    const written = this.#classOf(ref);
    this.#head(RecordForm.SCHEMA_CHANGES, ref);
    this.#out.varint(written.definition.id);
    this.#out.varint(indexes.length);
    for (const index of indexes) this.#field(ref, written, index, true);
  }

  #schema(ref: object): void {
    const written = this.#classOf(ref);
    const { id, fields } = written.definition;
    const present = fields.filter((field) => (fieldValue(ref, field) ?? null) !== null);
    this.#head(RecordForm.SCHEMA, ref);
    this.#out.varint(id);
    this.#out.varint(present.length);
    for (const { index } of present) this.#field(ref, written, index, true);
  }

  #schemaChanges(tree: ChangeTree, ref: object): void {
    const written = this.#classOf(ref);
    this.#head(RecordForm.SCHEMA_CHANGES, ref);
    this.#out.varint(written.definition.id);
    this.#out.varint(tree.size());
    tree.forEach((index, operation) => this.#field(ref, written, index, hasAdd(operation)));
  }

  #field(ref: object, { fields, encoders }: WrittenClass, index: number, isLinked: boolean): void {
    const field = fields[index]!;
    const value = fieldValue(ref, field);
    const out = this.#out;
    // Null is undefined by the time that it arrives anywhere.
    if (!this.#canWrite(field.kind, value)) {
      out.byte(index | ABSENT);
      return;
    }
    out.byte(index);
    if (field.kind === ValueKind.WIRE) {
      this.#wire.write(out, encoders[index] ?? field.type, value);
    } else if (field.kind === ValueKind.REF) {
      this.#reference(value as object, isLinked);
    } else {
      writeValue(out, field.kind, value);
    }
  }

  #array(ref: object): void {
    const { items } = arrayInternals(ref);
    const child = childOf(ref);
    const holes: number[] = [];
    for (let at = 0; at < items.length; at++) {
      if (!this.#canWrite(child.kind, items[at])) holes.push(at);
    }
    this.#head(RecordForm.ARRAY, ref);
    this.#out.string(child.name);
    this.#out.varint(items.length);
    this.#out.varint(holes.length);
    for (const hole of holes) this.#out.varint(hole);
    for (const item of items) if (this.#canWrite(child.kind, item)) this.#child(child, item, true);
  }

  #arrayChanges(tree: ChangeTree, ref: object): void {
    const { tmpItems } = arrayInternals(ref);
    const child = childOf(ref);
    const steps = arraySteps(tree, this.#extents.get(tree));
    const isWritable = steps?.every(
      ({ slot, step }) => step === ArrayStep.REMOVE || this.#canWrite(child.kind, tmpItems[slot]),
    );
    if (steps === undefined || isWritable !== true) {
      this.#array(ref);
      return;
    }
    this.#head(RecordForm.ARRAY_CHANGES, ref);
    this.#out.byte(child.kind);
    this.#out.varint(steps.length);
    let before = 0;
    for (const { slot, step } of steps) {
      this.#out.varint((slot - before) * 4 + step);
      before = slot;
      // Sorting replaces elements by others that are there already.
      const isLinked = hasAdd(tree.getChange(slot));
      if (step !== ArrayStep.REMOVE) this.#child(child, tmpItems[slot], isLinked);
    }
  }

  #map(ref: object): void {
    const { $items, journal } = mapInternals(ref);
    const child = childOf(ref);
    const entries = [...$items].filter(([, value]) => this.#canWrite(child.kind, value));
    let spare = journal.nextIndex;
    const lines = entries.map(([key, value]) => {
      const index = journal.indexByKey[key];
      return { key, value, index: typeof index === "number" ? index : spare++ };
    });
    this.#head(RecordForm.MAP, ref);
    this.#out.string(child.name);
    this.#out.varint(spare);
    this.#out.varint(lines.length);
    for (const { key, value, index } of lines) {
      this.#out.varint(index);
      this.#out.string(key);
      this.#child(child, value, true);
    }
  }

  #mapChanges(tree: ChangeTree, ref: object): void {
    const { $items, journal } = mapInternals(ref);
    const child = childOf(ref);
    const steps = mapSteps(tree, this.#extents.get(tree));
    const touched = steps && [...steps.set, ...steps.appended];
    if (!touched?.every(([, key]) => this.#canWrite(child.kind, $items.get(key)))) {
      this.#map(ref);
      return;
    }
    const { removed, set, appended } = steps!;
    this.#head(RecordForm.MAP_CHANGES, ref);
    this.#out.byte(child.kind);
    this.#out.varint(journal.nextIndex);
    this.#out.varint(removed.length + set.length + appended.length);
    for (const index of removed) this.#out.varint(index * 4 + MapStep.REMOVE);
    for (const [index, key] of set) {
      this.#out.varint(index * 4 + MapStep.SET);
      this.#out.string(key);
      this.#child(child, $items.get(key), true);
    }
    for (const [index, key] of appended) {
      this.#out.varint(index * 4 + MapStep.APPEND);
      this.#out.string(key);
      this.#child(child, $items.get(key), true);
    }
  }

  #numbered(ref: object): void {
    const { $items } = numberedInternals(ref);
    const child = childOf(ref);
    const entries = [...$items].filter(([, value]) => this.#canWrite(child.kind, value));
    this.#head(RecordForm.NUMBERED, ref);
    this.#out.byte(numberedKindOf(ref));
    this.#out.string(child.name);
    this.#out.varint(nextIndexOf(ref));
    this.#out.varint(entries.length);
    for (const [index, value] of entries) {
      this.#out.varint(index);
      this.#child(child, value, true);
    }
  }

  #numberedChanges(tree: ChangeTree, ref: object): void {
    if ((tree.collPureOps?.length ?? 0) > 0) {
      this.#numbered(ref);
      return;
    }
    const { $items } = numberedInternals(ref);
    const child = childOf(ref);
    this.#head(RecordForm.NUMBERED_CHANGES, ref);
    this.#out.byte(child.kind);
    this.#out.varint(nextIndexOf(ref));
    this.#out.varint(tree.collDirty!.size);
    for (const index of tree.collDirty!.keys()) {
      const value = $items.get(index);
      const isThere = this.#canWrite(child.kind, value);
      this.#out.varint(index * 2 + (isThere ? 1 : 0));
      if (isThere) this.#child(child, value, true);
    }
  }

  #packed(ref: PackedCollection, isWhole: boolean): void {
    this.#head(isWhole ? RecordForm.PACKED : RecordForm.PACKED_CHANGES, ref);
    this.#out.string(packedName(ref));
    this.#out.bytes(isWhole ? ref.encodeWhole() : ref.encodeChanges());
  }

  #child(child: ChildType, value: unknown, isLinked: boolean): void {
    if (child.kind === ValueKind.REF) this.#reference(value as object, isLinked);
    else if (child.kind === ValueKind.WIRE) this.#wire.write(this.#out, child.name, value);
    else writeValue(this.#out, child.kind, value);
  }

  #reference(ref: object, isLinked: boolean): void {
    const tree = treeOf(ref);
    if (isLinked || !isPart(this.#root, tree)) this.#linked.push(tree);
    this.#out.varint(refIdOf(ref)!);
  }

  #canWrite(kind: ValueKind, value: unknown): boolean {
    if (value === undefined || value === null) return false;
    return kind !== ValueKind.REF || (isTracked(value) && refIdOf(value) !== undefined);
  }

  #classOf(ref: object): WrittenClass {
    const written = this.classes.of(ref);
    const { definition } = written;
    if (this.#defined.has(definition.id)) return written;
    this.#defined.add(definition.id);
    this.#out.byte(RecordForm.CLASS);
    this.#out.string(formatClass(definition));
    return written;
  }

  #head(form: number, ref: object): void {
    this.#out.byte(form);
    this.#out.varint(refIdOf(ref)!);
  }
}

function childOf(collection: object): ChildType {
  const type = childTypeOf(collection);
  if (typeof type !== "string") return { name: "ref", kind: ValueKind.REF };
  return { name: type, kind: primitiveKind(type) };
}

const ADD: number = OPERATION.ADD;

function hasAdd(operation: OPERATION | undefined): boolean {
  return operation !== undefined && (operation & ADD) === ADD;
}

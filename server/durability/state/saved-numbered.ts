import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import { NumberedKind } from "./record-form.ts";
import type { RecordReader } from "./record-reader.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { ApplyChanges, SavedPart } from "./saved-part.ts";
import {
  elementKind,
  readKind,
  readValue,
  type SavedValue,
  type ValueKind,
  ValueKind as Kinds,
  writeValue,
} from "./value-kind.ts";

/** A set, collection or stream: entries by their numbers, and the next of those. */
export class SavedNumbered implements SavedPart {
  readonly collection: NumberedKind;
  readonly childType: string;
  readonly kind: ValueKind;
  readonly #entries = new Map<number, SavedValue>();
  #next: number;

  private constructor(collection: NumberedKind, childType: string, next: number) {
    this.collection = collection;
    this.childType = childType;
    this.kind = elementKind(childType);
    this.#next = next;
  }

  static read(reader: RecordReader): SavedNumbered {
    const byte = reader.byte();
    const collection = Object.values(NumberedKind).find((each) => each === byte);
    if (collection === undefined) throw stateMalformed("kind of a collection is unknown");
    const part = new SavedNumbered(collection, reader.string(), reader.varint());
    for (let left = reader.count(); left > 0; left--) {
      part.#entries.set(reader.varint(), readValue(reader, part.kind));
    }
    return part;
  }

  static readChanges(reader: RecordReader): ApplyChanges<SavedNumbered> {
    const kind = readKind(reader);
    const next = reader.varint();
    const changes: [index: number, value: SavedValue][] = [];
    for (let left = reader.count(); left > 0; left--) {
      const number = reader.varint();
      const value = number % 2 === 1 ? readValue(reader, kind) : undefined;
      changes.push([Math.floor(number / 2), value]);
    }
    return (part) => part.#apply(changes, kind, next);
  }

  get next(): number {
    return this.#next;
  }

  get entries(): ReadonlyMap<number, SavedValue> {
    return this.#entries;
  }

  write(writer: RecordWriter): void {
    writer.byte(this.collection);
    writer.string(this.childType);
    writer.varint(this.#next);
    writer.varint(this.#entries.size);
    for (const [index, value] of this.#entries) {
      writer.varint(index);
      writeValue(writer, this.kind, value);
    }
  }

  *children(): Generator<number> {
    if (this.kind !== Kinds.REF) return;
    for (const value of this.#entries.values()) yield value as number;
  }

  #apply(changes: readonly [number, SavedValue][], kind: ValueKind, next: number): void {
    if (kind !== this.kind) throw stateMalformed("a collection changes to another type");
    this.#next = next;
    for (const [index, value] of changes) {
      if (value === undefined) this.#entries.delete(index);
      else this.#entries.set(index, value);
    }
  }
}

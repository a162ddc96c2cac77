import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import { MapStep } from "./record-form.ts";
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

export interface SavedEntry {
  /** What stands for the key on the wire. */
  readonly index: number;
  readonly value: SavedValue;
}

interface Step extends SavedEntry {
  readonly step: number;
  readonly key: string;
}

/** A map: its entries in their order, and the index that the next new key gets. */
export class SavedMap implements SavedPart {
  readonly childType: string;
  readonly kind: ValueKind;
  readonly #entries = new Map<string, SavedEntry>();
  readonly #keys = new Map<number, string>();
  #next: number;

  private constructor(childType: string, next: number) {
    this.childType = childType;
    this.kind = elementKind(childType);
    this.#next = next;
  }

  static read(reader: RecordReader): SavedMap {
    const part = new SavedMap(reader.string(), reader.varint());
    for (let left = reader.count(); left > 0; left--) {
      const index = reader.varint();
      part.#set(reader.string(), { index, value: readValue(reader, part.kind) });
    }
    return part;
  }

  static readChanges(reader: RecordReader): ApplyChanges<SavedMap> {
    const kind = readKind(reader);
    const next = reader.varint();
    const steps: Step[] = [];
    for (let left = reader.count(); left > 0; left--) {
      const number = reader.varint();
      const step = number % 4;
      const isRemoved = step === MapStep.REMOVE;
      const key = isRemoved ? "" : reader.string();
      const value = isRemoved ? undefined : readValue(reader, kind);
      steps.push({ step, index: Math.floor(number / 4), key, value });
    }
    return (part) => part.#apply(steps, kind, next);
  }

  get next(): number {
    return this.#next;
  }

  get entries(): ReadonlyMap<string, SavedEntry> {
    return this.#entries;
  }

  write(writer: RecordWriter): void {
    writer.string(this.childType);
    writer.varint(this.#next);
    writer.varint(this.#entries.size);
    for (const [key, { index, value }] of this.#entries) {
      writer.varint(index);
      writer.string(key);
      writeValue(writer, this.kind, value);
    }
  }

  *children(): Generator<number> {
    if (this.kind !== Kinds.REF) return;
    for (const { value } of this.#entries.values()) yield value as number;
  }

  #apply(steps: readonly Step[], kind: ValueKind, next: number): void {
    if (kind !== this.kind) throw stateMalformed("a map changes to values of another type");
    this.#next = next;
    for (const { step, index, key, value } of steps) {
      if (step === MapStep.REMOVE) {
        this.#remove(index);
      } else {
        if (step === MapStep.APPEND) this.#entries.delete(key);
        this.#set(key, { index, value });
      }
    }
  }

  #set(key: string, entry: SavedEntry): void {
    const before = this.#entries.get(key);
    if (before !== undefined) this.#keys.delete(before.index);
    this.#entries.set(key, entry);
    this.#keys.set(entry.index, key);
  }

  /** An entry that came and went within a tick was never here. */
  #remove(index: number): void {
    const key = this.#keys.get(index);
    if (key === undefined) return;
    this.#keys.delete(index);
    this.#entries.delete(key);
  }
}

import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import { ArrayStep } from "./record-form.ts";
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

interface Step {
  readonly slot: number;
  readonly step: number;
  readonly value: SavedValue;
}

/** An array; where the game left a place empty, it is. */
export class SavedArray implements SavedPart {
  readonly childType: string;
  readonly kind: ValueKind;
  #items: SavedValue[];

  private constructor(childType: string, items: SavedValue[]) {
    this.childType = childType;
    this.kind = elementKind(childType);
    this.#items = items;
  }

  static read(reader: RecordReader): SavedArray {
    const childType = reader.string();
    const kind = elementKind(childType);
    const length = reader.count();
    const holes = new Set<number>();
    for (let left = reader.count(); left > 0; left--) holes.add(reader.varint());
    const items: SavedValue[] = [];
    for (let at = 0; at < length; at++) {
      items.push(holes.has(at) ? undefined : readValue(reader, kind));
    }
    return new SavedArray(childType, items);
  }

  static readChanges(reader: RecordReader): ApplyChanges<SavedArray> {
    const kind = readKind(reader);
    const steps: Step[] = [];
    let slot = 0;
    for (let left = reader.count(); left > 0; left--) {
      const next = reader.varint();
      const step = next % 4;
      slot += Math.floor(next / 4);
      const value = step === ArrayStep.REMOVE ? undefined : readValue(reader, kind);
      steps.push({ slot, step, value });
    }
    return (part) => part.#apply(steps, kind);
  }

  get items(): readonly SavedValue[] {
    return this.#items;
  }

  write(writer: RecordWriter): void {
    const holes = this.#items.flatMap((item, at) => (item === undefined ? at : []));
    writer.string(this.childType);
    writer.varint(this.#items.length);
    writer.varint(holes.length);
    for (const hole of holes) writer.varint(hole);
    for (const item of this.#items) if (item !== undefined) writeValue(writer, this.kind, item);
  }

  *children(): Generator<number> {
    if (this.kind !== Kinds.REF) return;
    for (const item of this.#items) if (item !== undefined) yield item as number;
  }

  #apply(steps: readonly Step[], kind: ValueKind): void {
    if (kind !== this.kind) throw stateMalformed("an array changes to elements of another type");
    let end = this.#items.length;
    const isInPlace = steps.every(({ slot, step }) =>
      step === ArrayStep.REPLACE ? slot < end : step === ArrayStep.INSERT && slot === end++,
    );
    if (isInPlace) {
      for (const { slot, value } of steps) this.#items[slot] = value;
    } else {
      this.#items = merged(this.#items, steps);
    }
  }
}

/** The elements after the steps, whose slots count those that were removed as well. */
function merged(items: readonly SavedValue[], steps: readonly Step[]): SavedValue[] {
  const result: SavedValue[] = [];
  let from = 0;
  let slot = 0;
  for (const { slot: until, step, value } of steps) {
    const kept = until - slot;
    if (kept < 0 || from + kept > items.length) throw outside(until, items.length);
    for (let at = 0; at < kept; at++) result.push(items[from + at]);
    from += kept;
    slot = until + 1;
    if (step !== ArrayStep.INSERT) {
      if (from >= items.length) throw outside(until, items.length);
      from += 1;
    }
    if (step !== ArrayStep.REMOVE) result.push(value);
  }
  for (; from < items.length; from++) result.push(items[from]);
  return result;
}

function outside(slot: number, length: number): Error {
  return stateMalformed(`slot ${slot} is outside an array of ${length}`);
}

import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import { formatClass, parseClass, type ClassDefinition } from "./class-definition.ts";
import { RECORD_LAYOUT, RecordForm } from "./record-form.ts";
import { RecordReader } from "./record-reader.ts";
import type { RecordWriter } from "./record-writer.ts";
import { SavedArray } from "./saved-array.ts";
import { SavedMap } from "./saved-map.ts";
import { SavedNumbered } from "./saved-numbered.ts";
import { SavedPacked } from "./saved-packed.ts";
import type { ApplyChanges, SavedPart } from "./saved-part.ts";
import type { SavedRecords } from "./saved-records.ts";
import { SavedSchema } from "./saved-schema.ts";
import { stateIncompatible } from "./state-incompatible.ts";

/**
 * A state as its records tell it, read without any class of the game. Throws
 * `state-malformed` for records that no recorder wrote, `state-incompatible` for those of
 * another layout; either way nothing is left of it.
 */
export class SavedState {
  readonly classes = new Map<number, ClassDefinition>();
  readonly #parts = new Map<number, SavedPart>();
  #rootId = 0;
  #nextRefId = 0;
  #isBegun = false;

  constructor({ snapshot, changes }: SavedRecords) {
    if (snapshot !== undefined) this.#apply(snapshot);
    for (const record of changes) this.#apply(record);
    this.#requireBegun();
    if (!(this.part(this.#rootId) instanceof SavedSchema)) {
      throw stateMalformed(`ref id ${this.#rootId} of the state is not a schema`);
    }
  }

  /** Ref ids that were handed out are all below it. */
  get nextRefId(): number {
    return this.#nextRefId;
  }

  get rootId(): number {
    return this.#rootId;
  }

  get root(): SavedSchema {
    return this.part(this.#rootId) as SavedSchema;
  }

  part(refId: number): SavedPart {
    const part = this.#parts.get(refId);
    if (part === undefined) throw stateMalformed(`ref id ${refId} was never recorded`);
    return part;
  }

  /** Every part that the state leads to, by ref id, the state itself first. */
  reachable(): Map<number, SavedPart> {
    const found = new Map<number, SavedPart>([[this.#rootId, this.root]]);
    // What is added while it runs is visited too. No recursion: a chain may be any length.
    for (const part of found.values()) {
      for (const refId of part.children()) {
        if (!found.has(refId)) found.set(refId, this.part(refId));
      }
    }
    return found;
  }

  /** One record that says the same as all of them; what the state no longer leads to is left out. */
  write(writer: RecordWriter): void {
    writeHead(writer, { isWhole: true, nextRefId: this.#nextRefId, rootId: this.#rootId });
    for (const definition of this.classes.values()) {
      writer.byte(RecordForm.CLASS);
      writer.string(formatClass(definition));
    }
    for (const [refId, part] of this.reachable()) {
      writer.byte(formOf(part));
      writer.varint(refId);
      part.write(writer);
    }
    writer.byte(RecordForm.END);
  }

  #apply(record: Uint8Array): void {
    const reader = new RecordReader(record);
    const head = readHead(reader);
    if (!head.isWhole) {
      this.#requireBegun();
    } else {
      this.classes.clear();
      this.#parts.clear();
      this.#isBegun = true;
      this.#rootId = head.rootId;
    }
    this.#nextRefId = head.nextRefId;
    for (let form = reader.byte(); form !== RecordForm.END; form = reader.byte()) {
      this.#applyEntry(reader, form);
    }
    if (!reader.isAtEnd) throw stateMalformed("bytes behind the end of a record");
  }

  #requireBegun(): void {
    if (!this.#isBegun) throw stateMalformed("no record of the state has all of it");
  }

  #applyEntry(reader: RecordReader, form: number): void {
    if (form === RecordForm.CLASS) {
      const definition = parseClass(reader.string());
      this.classes.set(definition.id, definition);
      return;
    }
    const refId = reader.varint();
    switch (form) {
      case RecordForm.SCHEMA:
        return this.#put(refId, SavedSchema.read(reader, this.classes));
      case RecordForm.ARRAY:
        return this.#put(refId, SavedArray.read(reader));
      case RecordForm.MAP:
        return this.#put(refId, SavedMap.read(reader));
      case RecordForm.NUMBERED:
        return this.#put(refId, SavedNumbered.read(reader));
      case RecordForm.PACKED:
        return this.#put(refId, SavedPacked.read(reader));
      case RecordForm.SCHEMA_CHANGES:
        return this.#change(refId, SavedSchema, SavedSchema.readChanges(reader, this.classes));
      case RecordForm.ARRAY_CHANGES:
        return this.#change(refId, SavedArray, SavedArray.readChanges(reader));
      case RecordForm.MAP_CHANGES:
        return this.#change(refId, SavedMap, SavedMap.readChanges(reader));
      case RecordForm.NUMBERED_CHANGES:
        return this.#change(refId, SavedNumbered, SavedNumbered.readChanges(reader));
      case RecordForm.PACKED_CHANGES:
        return this.#change(refId, SavedPacked, SavedPacked.readChanges(reader));
      default:
        throw stateMalformed(`form ${form} of an entry is unknown`);
    }
  }

  #put(refId: number, part: SavedPart): void {
    this.#parts.set(refId, part);
  }

  #change<Part extends SavedPart>(
    refId: number,
    partClass: { readonly prototype: Part },
    apply: ApplyChanges<Part>,
  ): void {
    const part = this.#parts.get(refId);
    // The package goes on tracking some parts that left the state; a compaction forgets them.
    if (part === undefined) return;
    if (!Object.prototype.isPrototypeOf.call(partClass.prototype, part)) {
      throw stateMalformed(`ref id ${refId} changes as something that it is not`);
    }
    apply(part as Part);
  }
}

export interface RecordHead {
  /** Whether everything that was recorded before no longer holds. */
  readonly isWhole: boolean;
  readonly nextRefId: number;
  /** Only in records that are whole. */
  readonly rootId: number;
}

export function writeHead(writer: RecordWriter, { isWhole, nextRefId, rootId }: RecordHead): void {
  writer.byte(RECORD_LAYOUT);
  writer.boolean(isWhole);
  writer.varint(nextRefId);
  if (isWhole) writer.varint(rootId);
}

function readHead(reader: RecordReader): RecordHead {
  const layout = reader.byte();
  if (layout !== RECORD_LAYOUT) {
    throw stateIncompatible(
      `state is saved in layout ${layout}; this version reads ${RECORD_LAYOUT}`,
    );
  }
  const isWhole = reader.boolean();
  const nextRefId = reader.varint();
  return { isWhole, nextRefId, rootId: isWhole ? reader.varint() : 0 };
}

function formOf(part: SavedPart): number {
  if (part instanceof SavedSchema) return RecordForm.SCHEMA;
  if (part instanceof SavedArray) return RecordForm.ARRAY;
  if (part instanceof SavedMap) return RecordForm.MAP;
  return part instanceof SavedNumbered ? RecordForm.NUMBERED : RecordForm.PACKED;
}

import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import type { ClassDefinition, FieldDefinition } from "./class-definition.ts";
import { ABSENT } from "./record-form.ts";
import type { RecordReader } from "./record-reader.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { ApplyChanges, SavedPart } from "./saved-part.ts";
import { readValue, type SavedValue, ValueKind, writeValue } from "./value-kind.ts";

export type Classes = ReadonlyMap<number, ClassDefinition>;

interface FieldChange {
  readonly field: FieldDefinition;
  readonly value: SavedValue;
}

/** A schema: the fields that are not undefined. */
export class SavedSchema implements SavedPart {
  readonly definition: ClassDefinition;
  readonly #values = new Map<string, FieldChange>();

  private constructor(definition: ClassDefinition) {
    this.definition = definition;
  }

  static read(reader: RecordReader, classes: Classes): SavedSchema {
    const definition = classOf(reader, classes);
    const part = new SavedSchema(definition);
    for (const change of readFields(reader, definition)) part.#apply(change);
    return part;
  }

  static readChanges(reader: RecordReader, classes: Classes): ApplyChanges<SavedSchema> {
    const definition = classOf(reader, classes);
    const changes = readFields(reader, definition);
    return (part) => {
      if (part.definition.id !== definition.id) {
        throw stateMalformed(`a ${part.definition.name} changes as a ${definition.name}`);
      }
      for (const change of changes) part.#apply(change);
    };
  }

  /** What the field holds; for a reference the ref id. */
  value(name: string): SavedValue {
    return this.#values.get(name)?.value;
  }

  write(writer: RecordWriter): void {
    writer.varint(this.definition.id);
    writer.varint(this.#values.size);
    for (const { field, value } of this.#values.values()) {
      writer.byte(field.index);
      writeValue(writer, field.kind, value);
    }
  }

  *children(): Generator<number> {
    for (const { field, value } of this.#values.values()) {
      if (field.kind === ValueKind.REF) yield value as number;
    }
  }

  #apply(change: FieldChange): void {
    if (change.value === undefined) this.#values.delete(change.field.name);
    else this.#values.set(change.field.name, change);
  }
}

function classOf(reader: RecordReader, classes: Classes): ClassDefinition {
  const id = reader.varint();
  const definition = classes.get(id);
  if (definition === undefined) throw stateMalformed(`class ${id} of a record is not defined`);
  return definition;
}

function readFields(reader: RecordReader, definition: ClassDefinition): FieldChange[] {
  const changes: FieldChange[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const byte = reader.byte();
    const index = byte & ~ABSENT;
    const field = definition.fields.find((each) => each.index === index);
    if (field === undefined) throw stateMalformed(`${definition.name} has no field ${index}`);
    changes.push({ field, value: byte === index ? readValue(reader, field.kind) : undefined });
  }
  return changes;
}

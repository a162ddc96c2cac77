import { getEncodeDescriptor } from "@colyseus/schema";
import { defineClass, type ClassDefinition, type FieldDefinition } from "./class-definition.ts";
import type { SchemaClass } from "./state-internals.ts";

type WireEncoder = (bytes: Uint8Array, value: unknown, it: { offset: number }) => void;

/** A class with what it takes to write its fields, each at its index. */
export interface WrittenClass {
  readonly definition: ClassDefinition;
  readonly fields: readonly (FieldDefinition | undefined)[];
  readonly encoders: readonly (WireEncoder | undefined)[];
}

/** The classes of a state by the numbers that its records give them. */
export class ClassTable {
  readonly #classes = new Map<SchemaClass, WrittenClass>();
  #nextId = 0;

  /** Known from records that were there before this process. */
  add(schemaClass: SchemaClass, id: number): void {
    this.#nextId = Math.max(this.#nextId, id + 1);
    this.#classes.set(schemaClass, writtenClass(id, schemaClass));
  }

  of(schema: object): WrittenClass {
    const schemaClass = schema.constructor as SchemaClass;
    const known = this.#classes.get(schemaClass);
    if (known !== undefined) return known;
    this.add(schemaClass, this.#nextId);
    return this.#classes.get(schemaClass)!;
  }
}

function writtenClass(id: number, schemaClass: SchemaClass): WrittenClass {
  const definition = defineClass(id, schemaClass);
  const fields: FieldDefinition[] = [];
  for (const field of definition.fields) fields[field.index] = field;
  const { encoders } = getEncodeDescriptor({ constructor: schemaClass });
  return { definition, fields, encoders };
}

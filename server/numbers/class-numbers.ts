import { type FieldMetadata, fieldsOfClass } from "../durability/state/state-internals.ts";
import { type NumberRange, rangeOf } from "./number-range.ts";

/** A field of a class that holds a number, or something with numbers in it. */
export interface CheckedField extends FieldMetadata {
  /** Of a numeric field; undefined: it holds a schema or a collection. */
  readonly range: NumberRange | undefined;
}

/** On each class that was asked for: the package keeps what it knows of a class there too. */
const NUMBERS: unique symbol = Symbol("fields with numbers");

/** The fields of a class, inherited ones included, in which a number can be wrong. */
export function numbersOfClass(schemaClass: object): readonly CheckedField[] {
  // A class that extends another has fields of its own.
  if (Object.hasOwn(schemaClass, NUMBERS)) {
    return (schemaClass as { [NUMBERS]: readonly CheckedField[] })[NUMBERS];
  }
  const fields = fieldsOfClass(schemaClass).flatMap((field): CheckedField[] => {
    const range = rangeOf(field.type);
    return range === undefined && typeof field.type === "string" ? [] : [{ ...field, range }];
  });
  Object.defineProperty(schemaClass, NUMBERS, { value: fields });
  return fields;
}

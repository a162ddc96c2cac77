import { decode, type Iterator } from "@colyseus/schema";
import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import type { RecordReader } from "./record-reader.ts";
import type { RecordWriter } from "./record-writer.ts";

/** How a value stands in a record: what of its type one has to know to read it. */
export const ValueKind = {
  REF: 0,
  NUMBER: 1,
  STRING: 2,
  BOOLEAN: 3,
  BIGINT: 4,
  /** The bytes of the wire: of a quantized field, or of a type that the game defined. */
  WIRE: 5,
} as const;
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

/** A value as it is read: bytes for `WIRE`, a ref id for `REF`. */
export type SavedValue = number | string | boolean | bigint | Uint8Array | undefined;

const PRIMITIVE_KINDS: Readonly<Record<string, ValueKind>> = {
  number: ValueKind.NUMBER,
  int8: ValueKind.NUMBER,
  uint8: ValueKind.NUMBER,
  int16: ValueKind.NUMBER,
  uint16: ValueKind.NUMBER,
  int32: ValueKind.NUMBER,
  uint32: ValueKind.NUMBER,
  int64: ValueKind.NUMBER,
  uint64: ValueKind.NUMBER,
  float32: ValueKind.NUMBER,
  float64: ValueKind.NUMBER,
  bigint64: ValueKind.BIGINT,
  biguint64: ValueKind.BIGINT,
  string: ValueKind.STRING,
  boolean: ValueKind.BOOLEAN,
};

/** Of a primitive type by its name; `WIRE` for one that the package does not bring. */
export function primitiveKind(type: string): ValueKind {
  return Object.hasOwn(PRIMITIVE_KINDS, type) ? PRIMITIVE_KINDS[type]! : ValueKind.WIRE;
}

/** Of the elements of a collection, by the name of their type: `ref` for schemas. */
export function elementKind(childType: string): ValueKind {
  return childType === "ref" ? ValueKind.REF : primitiveKind(childType);
}

export function readKind(reader: RecordReader): ValueKind {
  const byte = reader.byte();
  const kind = Object.values(ValueKind).find((each) => each === byte);
  if (kind === undefined) throw stateMalformed(`kind ${byte} of a value is unknown`);
  return kind;
}

/**
 * Writes a value that is there: for `REF` its id, for `WIRE` its bytes. What a game put
 * where it does not belong becomes what the type would make of it.
 */
export function writeValue(writer: RecordWriter, kind: ValueKind, value: unknown): void {
  switch (kind) {
    case ValueKind.REF:
      return writer.varint(value as number);
    case ValueKind.NUMBER:
      return writer.number(Number(value));
    case ValueKind.STRING:
      return writer.string(String(value));
    case ValueKind.BOOLEAN:
      return writer.boolean(Boolean(value));
    case ValueKind.BIGINT:
      return writer.bigint(typeof value === "bigint" ? value : 0n);
    case ValueKind.WIRE:
      return writer.bytes([value as Uint8Array]);
  }
}

export function readValue(reader: RecordReader, kind: ValueKind): SavedValue {
  switch (kind) {
    case ValueKind.REF:
      return reader.varint();
    case ValueKind.NUMBER:
      return reader.number();
    case ValueKind.STRING:
      return reader.string();
    case ValueKind.BOOLEAN:
      return reader.boolean();
    case ValueKind.BIGINT:
      return reader.bigint();
    case ValueKind.WIRE:
    default:
      // A copy: what is kept may not keep the whole record.
      return Uint8Array.from(reader.bytes());
  }
}

/** The value that wire bytes stand for; undefined for a type that this process has not. */
export function fromWire(type: string, bytes: Uint8Array): unknown {
  const read = (decode as unknown as Partial<Record<string, Decode>>)[type];
  return read?.(bytes, { offset: 0 });
}

type Decode = (bytes: Uint8Array, it: Iterator) => unknown;

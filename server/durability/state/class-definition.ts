import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import { fieldsOfClass, type SchemaClass } from "./state-internals.ts";
import { primitiveKind, ValueKind } from "./value-kind.ts";

export interface FieldDefinition {
  readonly index: number;
  readonly name: string;
  /** Equal for two fields exactly when either can hold what the other does. */
  readonly type: string;
  readonly kind: ValueKind;
}

/** A class of a state as a record describes it, for those who do not have the class. */
export interface ClassDefinition {
  /** Its number in these records. */
  readonly id: number;
  readonly name: string;
  readonly fields: readonly FieldDefinition[];
}

/** Names what a field can hold: `uint8`, `ref`, `map<ref>`, `quantized(0,1,16,clamp)`. */
export function typeText(type: unknown): string {
  if (typeof type === "string") return type;
  if (typeof type === "function") return "ref";
  const [kind, child] = Object.entries(type as Record<string, unknown>)[0] ?? ["unknown", ""];
  if (kind !== "quantized") return `${kind}<${typeText(child)}>`;
  const { min, max, bits, wrap } = child as Quantized;
  return `quantized(${min},${max},${bits},${wrap ? "wrap" : "clamp"})`;
}

export function isQuantized(type: unknown): type is { readonly quantized: Quantized } {
  return typeof type === "object" && type !== null && "quantized" in type;
}

/** What the package works out for a quantized field. */
export interface Quantized {
  readonly min: number;
  readonly max: number;
  readonly bits: number;
  readonly wrap: boolean;
  readonly wire: string;
  readonly range: number;
  readonly span: number;
}

export function defineClass(id: number, schemaClass: SchemaClass): ClassDefinition {
  const fields = fieldsOfClass(schemaClass).map(({ index, name, type }) => {
    const text = typeText(type);
    return { index, name, type: text, kind: kindOf(text) };
  });
  return { id, name: schemaClass.name, fields };
}

export function formatClass({ id, name, fields }: ClassDefinition): string {
  return JSON.stringify([id, name, fields.map(({ index, name: of, type }) => [index, of, type])]);
}

/** Throws `state-malformed` for anything that `formatClass` does not make. */
export function parseClass(text: string): ClassDefinition {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw stateMalformed("definition of a class is not JSON", cause);
  }
  const [id, name, fields] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
  const isClass = isIndex(id) && typeof name === "string" && Array.isArray(fields);
  if (!isClass) throw stateMalformed("definition of a class lacks its number, name or fields");
  return { id, name, fields: (fields as unknown[]).map(parseField) };
}

export function isSameDefinition(one: ClassDefinition, other: ClassDefinition): boolean {
  return formatClass({ ...one, id: 0 }) === formatClass({ ...other, id: 0 });
}

/** The declared class of the schemas that such a field, or collection, holds. */
export function declaredClass(type: unknown): SchemaClass | undefined {
  if (typeof type === "function") return type as SchemaClass;
  if (typeof type !== "object" || type === null || isQuantized(type)) return undefined;
  const [child] = Object.values(type) as unknown[];
  return typeof child === "function" ? (child as SchemaClass) : undefined;
}

function parseField(field: unknown): FieldDefinition {
  const [index, name, type] = Array.isArray(field) ? (field as unknown[]) : [];
  if (!isIndex(index) || typeof name !== "string" || typeof type !== "string") {
    throw stateMalformed("definition of a field lacks its index, name or type");
  }
  return { index, name, type, kind: kindOf(type) };
}

function kindOf(type: string): ValueKind {
  if (type === "ref" || type.endsWith(">")) return ValueKind.REF;
  return primitiveKind(type);
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

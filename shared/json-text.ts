import { SyncError } from "./errors.ts";
import { MAX_JSON_DEPTH } from "./limits.ts";

/** What travels as a payload: exactly what JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** The JSON text of a payload, which is what travels: its size is what the limit says. */
export type JsonText = string;

/** How much of where a payload is unfit is said: names in it are the sender's. */
const MAX_PATH_LENGTH = 80;

/** Where and why a value is none of JSON's. */
interface Fault {
  readonly path: string;
  readonly what: string;
}

/**
 * The JSON text of a value that survives it unchanged. Throws `payload-invalid`, saying
 * where, for what JSON would drop or bend: undefined, functions, NaN, BigInt, cycles,
 * objects of a class or with a `toJSON()`; and for what is nested too deeply.
 */
export function toJsonText(value: unknown): JsonText {
  const fault = faultOf(value, 0);
  if (fault === undefined) return JSON.stringify(value);
  const where = `payload${fault.path.slice(0, MAX_PATH_LENGTH)}`;
  throw new SyncError("payload-invalid", `${where} is ${fault.what}, which is not a JSON value`);
}

function faultOf(value: unknown, depth: number): Fault | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : { path: "", what: String(value) };
  }
  if (typeof value !== "object") return { path: "", what: typeof value };
  // A cycle is as deep as any limit.
  if (depth >= MAX_JSON_DEPTH) return { path: "", what: `nested deeper than ${MAX_JSON_DEPTH}` };
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return { path: "", what: "an object with a toJSON()" };
  return Array.isArray(value) ? faultInArray(value, depth) : faultInObject(value, depth);
}

function faultInArray(values: readonly unknown[], depth: number): Fault | undefined {
  for (let at = 0; at < values.length; at += 1) {
    const fault = faultOf(values[at], depth + 1);
    if (fault !== undefined) return { ...fault, path: `[${at}]${fault.path}` };
  }
  return undefined;
}

function faultInObject(value: object, depth: number): Fault | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    return { path: "", what: "an object of a class" };
  }
  for (const [name, each] of Object.entries(value)) {
    const fault = faultOf(each, depth + 1);
    if (fault !== undefined) return { ...fault, path: `.${name}${fault.path}` };
  }
  return undefined;
}

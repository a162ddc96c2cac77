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

/**
 * The JSON text of a value that survives it unchanged. Throws `payload-invalid`, saying
 * where, for what JSON would drop or bend: undefined, functions, NaN, BigInt, cycles,
 * objects of a class; and for what is nested too deeply.
 */
export function toJsonText(value: unknown): string {
  checkValue(value, "", 0);
  return JSON.stringify(value);
}

function checkValue(value: unknown, path: string, depth: number): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return;
    throw unfit(path, String(value));
  }
  if (typeof value !== "object") throw unfit(path, typeof value);
  // A cycle is as deep as any limit.
  if (depth >= MAX_JSON_DEPTH) throw unfit(path, `nested deeper than ${MAX_JSON_DEPTH}`);
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) checkValue(value[at], `${path}[${at}]`, depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype)
    throw unfit(path, "an object of a class");
  for (const [name, each] of Object.entries(value)) checkValue(each, `${path}.${name}`, depth + 1);
}

function unfit(path: string, what: string): SyncError {
  return new SyncError("payload-invalid", `payload${path} is ${what}, which is not a JSON value`);
}

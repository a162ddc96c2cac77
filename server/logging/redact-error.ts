import { isSecretName, redactText } from "./redact.ts";

const MAX_DEPTH = 4;
const MAX_ENTRIES = 50;

/**
 * The same error for a log: of the same class, with message, stack, code and causes, without
 * secrets. What else hangs on it, such as the request of an HTTP client's error, is left out.
 */
export function redactError(error: unknown, secrets: readonly string[] = [], depth = 0): unknown {
  if (typeof error === "string") return redactText(error, secrets);
  if (typeof error !== "object" || error === null) return error;
  if (depth >= MAX_DEPTH) return "[…]";
  return error instanceof Error
    ? copyError(error, secrets, depth)
    : copyObject(error, secrets, depth);
}

function copyError(error: Error, secrets: readonly string[], depth: number): Error {
  const copy = new Error(redactText(error.message, secrets));
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  const { code } = error as { code?: unknown };
  const own: Record<string, unknown> = { stack: redactText(error.stack ?? "", secrets) };
  if (Object.hasOwn(error, "name")) own["name"] = error.name;
  if (typeof code === "string" || typeof code === "number") own["code"] = code;
  if (error.cause !== undefined) own["cause"] = redactError(error.cause, secrets, depth + 1);
  if (error instanceof AggregateError) {
    own["errors"] = error.errors.map((each) => redactError(each, secrets, depth + 1));
  }
  for (const [name, value] of Object.entries(own)) {
    const isEnumerable = name === "code";
    const property = { value, enumerable: isEnumerable, configurable: true, writable: true };
    Object.defineProperty(copy, name, property);
  }
  return copy;
}

function copyObject(value: object, secrets: readonly string[], depth: number): unknown {
  const copyOf = (each: unknown): unknown => redactError(each, secrets, depth + 1);
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map(copyOf);
  const entries = Object.entries(value).slice(0, MAX_ENTRIES);
  return Object.fromEntries(
    entries.map(([name, each]) => [name, isSecretName(name) ? "[redacted]" : copyOf(each)]),
  );
}

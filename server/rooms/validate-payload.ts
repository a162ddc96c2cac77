import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SyncError } from "../../shared/errors.ts";

/** How many of a schema's complaints are passed on. */
const MAX_ISSUES = 3;

/**
 * Passes a payload through any Standard Schema library. Throws `payload-invalid` that says
 * where and why; a promise comes back only from a schema that checks asynchronously.
 */
export function validatePayload<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  name: string,
  payload: unknown,
): Output | Promise<Output> {
  const result = schema["~standard"].validate(payload);
  if (result instanceof Promise) return result.then((settled) => valueOf(settled, name));
  return valueOf(result, name);
}

function valueOf<Output>(result: StandardSchemaV1.Result<Output>, name: string): Output {
  if (result.issues === undefined) return result.value;
  const reasons = result.issues.slice(0, MAX_ISSUES).map(describe).join("; ");
  throw new SyncError("payload-invalid", `payload of "${name}": ${reasons}`);
}

function describe(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return path.length === 0 ? issue.message : `${path.join(".")}: ${issue.message}`;
}

import { SyncError, type SyncErrorCode } from "../../shared/errors.ts";

/** What a body says, which has to be an object. Throws `code` for anything else. */
export function parseJsonObject(
  body: string,
  code: SyncErrorCode,
  what: string,
): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (cause) {
    throw new SyncError(code, `${what} not JSON`, { cause });
  }
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Record<string, unknown>;
  }
  throw new SyncError(code, `${what} not an object`);
}

import { SyncError } from "../../shared/errors.ts";
import { checkHistoryLimit } from "../../shared/events/channel-arguments.ts";
import { type JsonText, toJsonText } from "../../shared/json-text.ts";
import { MAX_PAYLOAD_BYTES, MAX_PRESENCE_BYTES } from "../../shared/limits.ts";
import { isRecord } from "../connection/seat.ts";

const MAX_UTF8_BYTES_PER_CHARACTER = 3;

/**
 * A payload as it travels. Throws `payload-invalid` for what is no JSON value, and
 * `payload-too-large` beyond 1 MB.
 */
export function writePayload(data: unknown): JsonText {
  const text = toJsonText(data);
  checkSize("payload", text, MAX_PAYLOAD_BYTES);
  return text;
}

/** A state as it is tracked. Throws as `writePayload` does, and for what is no object. */
export function writeTracked(state: unknown): JsonText {
  if (!isRecord(state) || Array.isArray(state)) {
    throw new SyncError("payload-invalid", "what is tracked is not an object");
  }
  const text = toJsonText(state);
  checkSize("presence", text, MAX_PRESENCE_BYTES);
  return text;
}

export function checkHistoryRange(limit: unknown, before: unknown): void {
  checkHistoryLimit(limit);
  const isCursor = before === undefined || typeof before === "string" || Number.isFinite(before);
  if (!isCursor) throw new SyncError("payload-invalid", "before is neither a time nor a cursor");
}

function checkSize(what: string, text: string, limit: number): void {
  // Most texts are far from the limit, whatever they are made of.
  if (text.length * MAX_UTF8_BYTES_PER_CHARACTER <= limit) return;
  const bytes = text.length > limit ? text.length : new TextEncoder().encode(text).length;
  if (bytes <= limit) return;
  throw new SyncError("payload-too-large", `${what} of ${bytes} bytes exceeds ${limit}`);
}

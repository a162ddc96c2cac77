import { SyncError } from "../../shared/errors.ts";
import { isPublishableEvent } from "../../shared/events/event-names.ts";
import { type JsonText, toJsonText } from "../../shared/json-text.ts";
import {
  MAX_EVENT_LENGTH,
  MAX_HISTORY_LIMIT,
  MAX_PAYLOAD_BYTES,
  MAX_PRESENCE_BYTES,
  MAX_PUBLICATION_ID_LENGTH,
} from "../../shared/limits.ts";
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

export function checkEvent(event: unknown): void {
  if (isPublishableEvent(event)) return;
  const shown = typeof event === "string" ? `"${event.slice(0, 40)}"` : String(event);
  const form = `1 to ${MAX_EVENT_LENGTH} characters and no name of presence or recovery`;
  throw new SyncError("payload-invalid", `event ${shown} cannot be published: it needs ${form}`);
}

export function checkPublicationId(id: unknown): void {
  const isText = typeof id === "string" && id !== "" && id.length <= MAX_PUBLICATION_ID_LENGTH;
  if (isText) return;
  const text = `a publication's id has 1 to ${MAX_PUBLICATION_ID_LENGTH} characters`;
  throw new SyncError("payload-invalid", text);
}

export function checkHistoryRange(limit: unknown, before: unknown): void {
  const isCount = Number.isInteger(limit) && (limit as number) >= 1;
  if (!isCount || (limit as number) > MAX_HISTORY_LIMIT) {
    const text = `history limit ${String(limit)} is not 1 to ${MAX_HISTORY_LIMIT}`;
    throw new SyncError("payload-invalid", text);
  }
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

import { SyncError } from "../../shared/errors.ts";
import type { StoredMessage } from "./store.ts";

/**
 * Throws `payload-invalid` for a text with half of a surrogate pair in it: a database would
 * keep another character in its place, and two ids would become one.
 */
export function checkTexts(...texts: (string | undefined)[]): void {
  for (const text of texts) {
    if (text === undefined || text.isWellFormed()) continue;
    const shown = JSON.stringify(text.slice(0, 40));
    throw new SyncError("payload-invalid", `${shown} holds half of a character`);
  }
}

export function checkMessage(message: StoredMessage): void {
  const { topic, id, event, data, userId, sessionId } = message;
  checkTexts(topic, id, event, data, userId, sessionId);
}

/** Throws `RangeError` for what is no number of messages, or of something else. */
export function checkLimit(limit: number, what = "messages"): void {
  if (Number.isSafeInteger(limit) && limit >= 0) return;
  throw new RangeError(`limit ${limit} is not a whole number of ${what}`);
}

/** What a second message of one id is refused with: the first is somebody's to keep. */
export function alreadyStored({ topic, id }: StoredMessage): SyncError {
  return new SyncError("not-allowed", `message "${id}" of channel "${topic}" is stored already`);
}

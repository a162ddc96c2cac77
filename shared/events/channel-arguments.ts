import { SyncError } from "../errors.ts";
import { MAX_EVENT_LENGTH, MAX_HISTORY_LIMIT, MAX_PUBLICATION_ID_LENGTH } from "../limits.ts";
import { isPublishableEvent } from "./event-names.ts";

// What both sides look at: a page is told at once, and a server believes no page.

/** Throws `payload-invalid` for an event that nobody can publish. */
export function checkEvent(event: unknown): void {
  if (isPublishableEvent(event)) return;
  const shown = typeof event === "string" ? JSON.stringify(event.slice(0, 40)) : typeof event;
  const form = `1 to ${MAX_EVENT_LENGTH} characters and no name of presence or recovery`;
  throw new SyncError("payload-invalid", `event ${shown} cannot be published: it needs ${form}`);
}

/** Throws `payload-invalid` for a publication's id that is none. */
export function checkPublicationId(id: unknown): void {
  if (typeof id === "string" && id !== "" && id.length <= MAX_PUBLICATION_ID_LENGTH) return;
  const text = `a publication's id has 1 to ${MAX_PUBLICATION_ID_LENGTH} characters`;
  throw new SyncError("payload-invalid", text);
}

/** Throws `payload-invalid` for a number of messages that nobody can ask for at once. */
export function checkHistoryLimit(limit: unknown): void {
  const isCount = typeof limit === "number" && Number.isInteger(limit);
  if (isCount && limit >= 1 && limit <= MAX_HISTORY_LIMIT) return;
  const shown = typeof limit === "number" ? String(limit) : typeof limit;
  throw new SyncError("payload-invalid", `history limit ${shown} is not 1 to ${MAX_HISTORY_LIMIT}`);
}

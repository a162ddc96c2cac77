import { MAX_EVENT_LENGTH } from "../limits.ts";

/** Told to a channel's listeners by the client itself, about its own place in the channel. */
const NOTICES: ReadonlySet<string> = new Set(["*", "recovery", "resync", "revision"]);

/**
 * Whether a publication may carry this event: 1 to 128 characters, and none of the names
 * under which listeners hear of presence and recovery, which nobody can publish.
 */
export function isPublishableEvent(event: unknown): event is string {
  if (typeof event !== "string" || event === "" || event.length > MAX_EVENT_LENGTH) return false;
  return !NOTICES.has(event) && !event.startsWith("presence:");
}

import { SyncError } from "../../shared/errors.ts";
import type { HistoryMessage } from "../../shared/events/publication.ts";
import { isRecord } from "../connection/seat.ts";

/** Stored messages out of an answer. Throws `frame-malformed` for what holds none. */
export function readHistory(answer: unknown): HistoryMessage[] {
  if (Array.isArray(answer)) return answer.map(readMessage);
  throw new SyncError("frame-malformed", "the answer to a request for history is none");
}

/** A stored message as it came. Throws `frame-malformed` for what is none. */
export function readMessage(message: unknown): HistoryMessage {
  if (isRecord(message) && typeof message["data"] === "string") {
    try {
      return { ...message, data: JSON.parse(message["data"]) as unknown } as HistoryMessage;
    } catch {
      // Said below, as of anything else that is no message.
    }
  }
  throw new SyncError("frame-malformed", "a stored message came without what it says");
}

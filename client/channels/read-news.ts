import type { PresenceEvent } from "../../shared/events/presence-event.ts";
import type { HistoryMessage, Publication } from "../../shared/events/publication.ts";
import type { ChannelNews, SubscribeAnswer } from "../../shared/protocol/channel-messages.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import { isRecord } from "../connection/seat.ts";

/** What a server says of a channel; undefined when it is nothing that this client knows. */
export function readNews(payload: unknown): ChannelNews | undefined {
  if (!isRecord(payload) || typeof payload["topic"] !== "string") return undefined;
  const { kind, topic, publication, presence, message, error } = payload;
  switch (kind) {
    case "publication":
      return isPublication(publication) ? { kind, topic, publication } : undefined;
    case "presence":
      return isPresenceEvent(presence) ? { kind, topic, presence } : undefined;
    case "revision":
      return isRecord(message)
        ? { kind, topic, message: message as unknown as HistoryMessage }
        : undefined;
    case "ended":
      return { kind, topic, error: error as WireError };
    default:
      return undefined;
  }
}

/** Whether an answer is one to a subscribe. */
export function isSubscribeAnswer(answer: unknown): answer is SubscribeAnswer {
  if (!isRecord(answer) || !isRecord(answer["position"])) return false;
  const { epoch, offset } = answer["position"];
  if (typeof epoch !== "string" || !Number.isSafeInteger(offset)) return false;
  const { publications, members } = answer;
  return isListOf(publications, isPublication) && isListOf(members, isMember);
}

function isListOf<Item>(list: unknown, isItem: (item: unknown) => item is Item): list is Item[] {
  return Array.isArray(list) && list.every((item) => isItem(item));
}

function isPublication(value: unknown): value is Publication {
  if (!isRecord(value) || typeof value["event"] !== "string") return false;
  return value["offset"] === undefined || Number.isSafeInteger(value["offset"]);
}

function isPresenceEvent(value: unknown): value is PresenceEvent {
  return isRecord(value) && typeof value["event"] === "string" && isMember(value["data"]);
}

function isMember(value: unknown): value is PresenceEvent["data"] {
  return isRecord(value) && typeof value["userId"] === "string";
}

import type { PresenceEvent, PresenceState } from "../../shared/events/presence-event.ts";
import type {
  HistoryMessage,
  Publication,
  StreamPosition,
} from "../../shared/events/publication.ts";
import { SyncError } from "../../shared/errors.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import { isRecord } from "../connection/seat.ts";
import { readMessage } from "./read-history.ts";

/** A stored message as it is now, and the place in the order in which it became that. */
export interface Revision {
  readonly offset: number;
  readonly message: HistoryMessage;
}

/** What has a place in a topic's order, or is volatile. */
export type Sequenced =
  | { readonly kind: "publication"; readonly publication: Publication }
  | { readonly kind: "revision"; readonly revision: Revision };

/** What the server tells of a topic, read. */
export type TopicNews =
  | Sequenced
  | { readonly kind: "presence"; readonly presence: PresenceEvent }
  | { readonly kind: "ended"; readonly error: WireError };

/** What a subscribe is answered, read. */
export interface TopicAnswer {
  readonly position: StreamPosition;
  readonly recovered?: boolean;
  /** Nothing is live yet: there is more after `position`. */
  readonly hasMore?: boolean;
  readonly publications: readonly Publication[];
  readonly revisions: readonly Revision[];
  readonly members: readonly PresenceState[];
}

/** What a server says of a channel; undefined when it is nothing that this client knows. */
export function readNews(news: Record<string, unknown>): TopicNews | undefined {
  const { kind, publication, presence, revision, error } = news;
  switch (kind) {
    case "publication":
      return attempt(() => ({ kind, publication: readPublication(publication) }));
    case "presence":
      return attempt(() => ({ kind, presence: readPresence(presence) }));
    case "revision":
      return attempt(() => ({ kind, revision: readRevision(revision) }));
    case "ended":
      return { kind, error: error as WireError };
    default:
      return undefined;
  }
}

/** The answer to a subscribe. Throws `frame-malformed` for what is none. */
export function readAnswer(answer: unknown): TopicAnswer {
  if (!isRecord(answer)) throw malformed();
  const { position, recovered } = answer;
  const { epoch, offset } = isRecord(position) ? position : {};
  if (typeof epoch !== "string" || !Number.isSafeInteger(offset)) throw malformed();
  return {
    position: { epoch, offset: offset as number },
    ...(typeof recovered === "boolean" ? { recovered } : {}),
    ...(answer["hasMore"] === true ? { hasMore: true } : {}),
    publications: readList(answer["publications"], readPublication),
    revisions: readList(answer["revisions"], readRevision),
    members: readList(answer["members"], readMember),
  };
}

/** What is no news is nobody's: a hole that it leaves in the order is noticed. */
function attempt(read: () => TopicNews): TopicNews | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function readList<Item>(list: unknown, read: (item: unknown) => Item): Item[] {
  if (!Array.isArray(list)) throw malformed();
  return list.map((item) => read(item));
}

function readRevision(value: unknown): Revision {
  if (!isRecord(value) || !Number.isSafeInteger(value["offset"])) throw malformed();
  return { offset: value["offset"] as number, message: readMessage(value["message"]) };
}

function readPublication(value: unknown): Publication {
  if (!isRecord(value) || typeof value["event"] !== "string") throw malformed();
  const { offset } = value;
  if (offset !== undefined && !Number.isSafeInteger(offset)) throw malformed();
  return { ...value, data: readJson(value["data"]) } as Publication;
}

function readPresence(value: unknown): PresenceEvent {
  if (!isRecord(value) || typeof value["event"] !== "string") throw malformed();
  const { old, ...event } = value;
  const told = { ...event, data: readMember(value["data"]) };
  return (old === undefined ? told : { ...told, old: readMember(old) }) as PresenceEvent;
}

function readMember(text: unknown): PresenceState {
  const member = readJson(text);
  if (isRecord(member) && typeof member["userId"] === "string") return member as PresenceState;
  throw malformed();
}

function readJson(text: unknown): unknown {
  if (typeof text !== "string") throw malformed();
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause?: unknown): SyncError {
  const text = "what the server says of a channel cannot be read";
  return new SyncError("frame-malformed", text, { cause });
}

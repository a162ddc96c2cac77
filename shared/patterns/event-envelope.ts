import { SyncError } from "../errors.ts";
import type { RealtimePayload } from "../events/publication.ts";
import type { EventDraft, RealtimeEvent } from "./realtime-event.ts";

/** What a publication has no place for, beside what the event says. */
interface Envelope {
  readonly $patterns: 1;
  readonly id?: string;
  readonly data?: unknown;
  readonly metadata?: Record<string, unknown>;
  /** Of the server's own events only: of a client's the server knows better. */
  readonly source?: string;
  readonly timestamp?: number;
}

/** What of a publication an event is made of. */
type Told = Pick<
  RealtimePayload<unknown>,
  "id" | "event" | "data" | "userId" | "sessionId" | "timestamp"
>;

/** Types that only the server may use: they tell a client of its own connection. */
const SERVERS_OWN = "connection.";

/** What is published for an event of a client. Throws `payload-invalid` for what is no event. */
export function sealClientEvent(draft: EventDraft): Envelope {
  checkDraft(draft);
  if (draft.type.startsWith(SERVERS_OWN)) {
    throw new SyncError("payload-invalid", `only the server tells of "${draft.type}"`);
  }
  const { id, data, metadata } = draft;
  return {
    $patterns: 1,
    ...(id === undefined ? {} : { id }),
    ...(data === undefined ? {} : { data }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** The same for an event of the server's own code, which is believed what it says. */
export function sealServerEvent(draft: EventDraft): Envelope {
  checkDraft(draft);
  const { id, type: _type, clientId: _clientId, timestamp, ...said } = draft;
  const entries = Object.entries({ ...said, id, timestamp: timestamp?.getTime() });
  const given = entries.filter(([, value]) => value !== undefined);
  return { $patterns: 1, ...Object.fromEntries(given) };
}

/**
 * The event that a publication tells, whoever published it and however. Undefined for one
 * with which a client pretends to be the server.
 */
export function openEvent({ id, event, data, ...told }: Told): RealtimeEvent | undefined {
  const isClients = told.userId !== undefined;
  if (isClients && event.startsWith(SERVERS_OWN)) return undefined;
  const envelope: Envelope = isEnvelope(data) ? data : { $patterns: 1, data };
  const { metadata, source = "server", timestamp = told.timestamp } = envelope;
  return Object.freeze({
    id: envelope.id ?? id ?? "",
    type: event,
    source: isClients ? "client" : source,
    timestamp: new Date(isClients ? told.timestamp : timestamp),
    data: envelope.data,
    ...(metadata === undefined ? {} : { metadata }),
    ...(told.sessionId === undefined ? {} : { clientId: told.sessionId }),
  });
}

/** Code without types may hand over anything. */
function checkDraft(draft: unknown): asserts draft is EventDraft {
  const { type, timestamp, metadata } = (draft ?? {}) as Partial<EventDraft>;
  const isDate = timestamp instanceof Date && !Number.isNaN(timestamp.getTime());
  const fault =
    (typeof type !== "string" && `its type is ${typeof type}, not a text`) ||
    (timestamp !== undefined && !isDate && "its timestamp is no Date") ||
    (metadata !== undefined && !isRecord(metadata) && "its metadata is no object");
  if (fault) throw new SyncError("payload-invalid", `this is no event: ${fault}`);
}

function isEnvelope(data: unknown): data is Envelope {
  if (!isRecord(data) || data["$patterns"] !== 1) return false;
  const { id, metadata, source, timestamp } = data;
  return (
    (id === undefined || typeof id === "string") &&
    (metadata === undefined || isRecord(metadata)) &&
    (source === undefined || typeof source === "string") &&
    (timestamp === undefined || typeof timestamp === "number")
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

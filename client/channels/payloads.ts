import type { PresenceState } from "../../shared/events/presence-event.ts";
import type { Publication, RealtimePayload, Recovery } from "../../shared/events/publication.ts";
import type { PresenceChange } from "./presence-view.ts";
import type { Revision } from "./read-news.ts";

// Every listener gets the same payload: what one did to it another would see.

/** Who this client is on its connection: whose doings are its own. */
export interface OwnIdentity {
  readonly userId: string;
  isOwnSession(sessionId: string | undefined): boolean;
}

export function publicationPayload(
  topic: string,
  publication: Publication,
  own: OwnIdentity,
): RealtimePayload {
  const self = own.isOwnSession(publication.sessionId);
  return Object.freeze({ type: "event", topic, ...publication, self });
}

export function presencePayload(
  topic: string,
  change: PresenceChange,
  own: OwnIdentity,
  now: number,
): RealtimePayload {
  const { userId } = change.data;
  // A member is a user: another tab of ours is ours, too.
  const self = userId === own.userId;
  return Object.freeze({ type: "event", topic, timestamp: now, ...change, userId, self });
}

/** What a newcomer is told of a member who is there: of others, that they were before. */
export function initialPayload(
  topic: string,
  data: PresenceState,
  own: OwnIdentity,
  now: number,
): RealtimePayload {
  const payload = presencePayload(topic, { event: "presence:join", data }, own, now);
  return payload.self ? payload : Object.freeze({ ...payload, initial: true });
}

/** That a stored message is another one now; of when it became that. */
export function revisionPayload(
  topic: string,
  { offset, message }: Revision,
  now: number,
): RealtimePayload {
  const timestamp = message.deleted_at ?? message.edited_at ?? now;
  const told = { type: "event", topic, event: "revision", data: message } as const;
  return Object.freeze({ ...told, offset, timestamp, self: false });
}

/** What the client itself tells: of its own place in the channel, not of what others did. */
export function noticePayload(
  topic: string,
  event: "presence:sync" | "recovery" | "resync",
  data: readonly PresenceState[] | Recovery,
  now: number,
): RealtimePayload {
  return Object.freeze({ type: "event", topic, event, data, timestamp: now, self: false });
}

import type { PresenceEvent } from "../events/presence-event.ts";
import type {
  HistoryMessage,
  Publication,
  PublishReceipt,
  StreamPosition,
} from "../events/publication.ts";
import type { JsonText } from "../json-text.ts";
import type { WireError } from "./intent-frame.ts";

/**
 * Message type under which channel operations arrive: a request like an intent, in the same
 * envelope `[version, id, operation, arguments]`, with limits of its own.
 */
export const CHANNEL_TYPE = "atrium:channel";

/** Message type of what the server tells subscribers; the payload is a `ChannelNews`. */
export const CHANNEL_NEWS_TYPE = "atrium:news";

/** The built-in room that carries channels for clients that are in no other. */
export const HUB_ROOM = "atrium-hub";

// What an application says travels as JSON text, whatever the envelope around it is made of:
// its size on the wire is the size that the limit counts, and who passes it on need not read it.

/** A publication on its way. */
export type WirePublication = Publication<JsonText>;

/** A stored message on its way. */
export type WireMessage = HistoryMessage<JsonText>;

/** A presence event on its way. */
export interface WirePresence extends Omit<PresenceEvent, "data" | "old"> {
  readonly data: JsonText;
  readonly old?: JsonText;
}

/** A stored message was edited or deleted, which has a place in the topic's order, too. */
export interface WireRevision {
  readonly offset: number;
  /** As it is now. */
  readonly message: WireMessage;
}

/** What a client can ask of a channel: the arguments, and what it is answered. */
export interface ChannelOperations {
  subscribe: {
    arguments: { topic: string; since?: StreamPosition; presence?: JsonText };
    answer: SubscribeAnswer;
  };
  unsubscribe: { arguments: { topic: string }; answer: null };
  publish: {
    arguments: {
      topic: string;
      event: string;
      data: JsonText;
      /** The publisher's key: the same id again is the same publication. */
      id: string;
      persist?: boolean;
      volatile?: boolean;
      echo?: boolean;
    };
    answer: PublishReceipt;
  };
  track: { arguments: { topic: string; state: JsonText }; answer: null };
  untrack: { arguments: { topic: string }; answer: null };
  history: {
    arguments: { topic: string; limit?: number; before?: number | string };
    answer: WireMessage[];
  };
  edit: { arguments: { topic: string; id: string; data: JsonText }; answer: WireMessage };
  delete: { arguments: { topic: string; id: string }; answer: WireMessage };
  authenticate: { arguments: { token: string }; answer: { id: string; name: string } };
}

export type ChannelOperation = keyof ChannelOperations;

/**
 * A subscription that is live: everything after `position` follows as news, and everything
 * missed before it is in `publications` and `revisions`, each of them oldest first.
 */
export interface SubscribeAnswer {
  readonly position: StreamPosition;
  /** Absent without `since`. False: some of what was missed is gone. */
  readonly recovered?: boolean;
  /** True: nothing is live yet. There is more after `position`, and it has to be asked for. */
  readonly hasMore?: boolean;
  readonly publications: readonly WirePublication[];
  /** The latest of each message. */
  readonly revisions: readonly WireRevision[];
  readonly members: readonly JsonText[];
}

/** What the server tells a subscriber. */
export type ChannelNews =
  | { readonly kind: "publication"; readonly topic: string; readonly publication: WirePublication }
  | { readonly kind: "presence"; readonly topic: string; readonly presence: WirePresence }
  | { readonly kind: "revision"; readonly topic: string; readonly revision: WireRevision }
  /** The subscription ended: it is no longer allowed. */
  | { readonly kind: "ended"; readonly topic: string; readonly error: WireError };

import type { PresenceEvent, PresenceState } from "../events/presence-event.ts";
import type {
  HistoryMessage,
  Publication,
  PublishReceipt,
  StreamPosition,
} from "../events/publication.ts";
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

/** What a client can ask of a channel: the arguments, and what it is answered. */
export interface ChannelOperations {
  subscribe: {
    arguments: { topic: string; since?: StreamPosition; presence?: Record<string, unknown> };
    answer: SubscribeAnswer;
  };
  unsubscribe: { arguments: { topic: string }; answer: null };
  publish: {
    arguments: {
      topic: string;
      event: string;
      data: unknown;
      /** The publisher's key: the same id again is the same publication. */
      id: string;
      persist?: boolean;
      volatile?: boolean;
      echo?: boolean;
    };
    answer: PublishReceipt;
  };
  track: { arguments: { topic: string; state: Record<string, unknown> }; answer: null };
  untrack: { arguments: { topic: string }; answer: null };
  history: {
    arguments: { topic: string; limit?: number; before?: number | string };
    answer: HistoryMessage[];
  };
  edit: { arguments: { topic: string; id: string; data: unknown }; answer: HistoryMessage };
  delete: { arguments: { topic: string; id: string }; answer: HistoryMessage };
  authenticate: { arguments: { token: string }; answer: { id: string; name: string } };
}

export type ChannelOperation = keyof ChannelOperations;

/**
 * A subscription that is live: everything published after `position` follows as news, and
 * everything missed before it is in `publications`, oldest first.
 */
export interface SubscribeAnswer {
  readonly position: StreamPosition;
  /** Absent without `since`. False: some of what was missed is gone. */
  readonly recovered?: boolean;
  readonly publications: readonly Publication[];
  readonly members: readonly PresenceState[];
}

/** What the server tells a subscriber. */
export type ChannelNews =
  | { readonly kind: "publication"; readonly topic: string; readonly publication: Publication }
  | { readonly kind: "presence"; readonly topic: string; readonly presence: PresenceEvent }
  /** A stored message was edited or deleted. */
  | { readonly kind: "revision"; readonly topic: string; readonly message: HistoryMessage }
  /** The subscription ended: it is no longer allowed. */
  | { readonly kind: "ended"; readonly topic: string; readonly error: WireError };

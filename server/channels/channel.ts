import { getMessageBytes, Protocol } from "@colyseus/core";
import type { Clock } from "../../shared/clock.ts";
import type {
  HistoryMessage,
  Publication,
  StreamPosition,
} from "../../shared/events/publication.ts";
import {
  CHANNEL_NEWS_TYPE,
  type ChannelNews,
  type SubscribeAnswer,
} from "../../shared/protocol/channel-messages.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import type { ChannelLog } from "./channel-log.ts";
import { ChannelPresence } from "./channel-presence.ts";

/** One session's end of a channel. */
export interface Subscriber {
  readonly sessionId: string;
  readonly userId: string;
  /** Hands over a whole frame; the same bytes go to every subscriber. */
  deliver(frame: Uint8Array): void;
}

/** One topic on this process: its order, its subscribers, who is present. */
export class Channel {
  readonly topic: string;
  readonly log: ChannelLog;
  readonly presence: ChannelPresence;
  readonly #subscribers = new Map<string, Subscriber>();

  constructor(topic: string, log: ChannelLog, clock: Clock) {
    this.topic = topic;
    this.log = log;
    this.presence = new ChannelPresence(clock, (presence) => {
      this.#deliver({ kind: "presence", topic, presence });
    });
  }

  get isUsed(): boolean {
    return this.#subscribers.size > 0 || !this.presence.isEmpty;
  }

  has(subscriber: Subscriber): boolean {
    return this.#subscribers.get(subscriber.sessionId) === subscriber;
  }

  /**
   * From now on the subscriber hears everything; the answer holds what it missed before. A
   * later subscriber of the same session takes the place of this one.
   */
  subscribe(subscriber: Subscriber, since?: StreamPosition): SubscribeAnswer {
    this.#subscribers.set(subscriber.sessionId, subscriber);
    const { position } = this.log;
    const members = this.presence.members();
    if (since === undefined) return { position, publications: [], members };
    return { position, ...this.log.since(since), members };
  }

  unsubscribe(subscriber: Subscriber): void {
    // A connection that died unnoticed ends long after the one that took its place began.
    if (this.has(subscriber)) this.#subscribers.delete(subscriber.sessionId);
  }

  /** Ends a subscription that is no longer allowed, and says why. */
  end(subscriber: Subscriber, error: WireError): void {
    this.unsubscribe(subscriber);
    subscriber.deliver(encodeNews({ kind: "ended", topic: this.topic, error }));
  }

  /** Tells everybody but `except`, who asked for no echo. */
  announce(publication: Publication, except?: string): void {
    this.#deliver({ kind: "publication", topic: this.topic, publication }, except);
  }

  /** Tells that a stored message is another one now; a replay tells the new one as well. */
  announceRevision(message: HistoryMessage): void {
    this.log.revise(message.id, message.deleted_at === undefined ? message : undefined);
    this.#deliver({ kind: "revision", topic: this.topic, message });
  }

  #deliver(news: ChannelNews, except?: string): void {
    if (this.#subscribers.size === 0) return;
    const frame = encodeNews(news);
    for (const subscriber of this.#subscribers.values()) {
      if (subscriber.sessionId !== except) subscriber.deliver(frame);
    }
  }
}

function encodeNews(news: ChannelNews): Uint8Array {
  return getMessageBytes.raw(Protocol.ROOM_DATA, CHANNEL_NEWS_TYPE, news);
}

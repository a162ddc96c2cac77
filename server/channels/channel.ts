import { getMessageBytes, Protocol } from "@colyseus/core";
import type { Clock } from "../../shared/clock.ts";
import type { PresenceEvent } from "../../shared/events/presence-event.ts";
import type { StreamPosition } from "../../shared/events/publication.ts";
import type { JsonText } from "../../shared/json-text.ts";
import { MAX_REPLAY_BYTES } from "../../shared/limits.ts";
import {
  CHANNEL_NEWS_TYPE,
  type ChannelNews,
  type SubscribeAnswer,
  type WireMessage,
  type WirePresence,
  type WirePublication,
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

  /** `graceMs`: how long a lost connection still counts as present; see `ChannelPresence`. */
  constructor(topic: string, log: ChannelLog, clock: Clock, graceMs?: number) {
    this.topic = topic;
    this.log = log;
    const tell = (event: PresenceEvent): void => {
      if (this.#subscribers.size === 0) return;
      this.#deliver({ kind: "presence", topic, presence: toWire(event) });
    };
    this.presence = new ChannelPresence(clock, tell, graceMs);
  }

  get isUsed(): boolean {
    return this.#subscribers.size > 0 || !this.presence.isEmpty;
  }

  /** What everybody shows who is present. */
  members(): JsonText[] {
    return this.presence.members().map((member) => JSON.stringify(member));
  }

  has(subscriber: Subscriber): boolean {
    return this.#subscribers.get(subscriber.sessionId) === subscriber;
  }

  /**
   * From now on the subscriber hears everything; the answer holds what it missed before. A
   * later subscriber of the same session takes the place of this one. Where it missed more
   * than one answer holds, it gets the first of it and is not subscribed yet. `admit` is told
   * how many bytes that is, and may throw.
   */
  subscribe(
    subscriber: Subscriber,
    since?: StreamPosition,
    admit: (bytes: number) => void = () => {},
  ): SubscribeAnswer {
    if (since === undefined) {
      this.#subscribers.set(subscriber.sessionId, subscriber);
      const { position } = this.log;
      return { position, publications: [], revisions: [], members: this.members() };
    }
    const { bytes, hasMore, ...missed } = this.log.since(since, MAX_REPLAY_BYTES);
    admit(bytes);
    if (hasMore) {
      // What is published meanwhile comes behind the rest, and not before it.
      this.#subscribers.delete(subscriber.sessionId);
      return { ...missed, hasMore, members: [] };
    }
    this.#subscribers.set(subscriber.sessionId, subscriber);
    return { ...missed, members: this.members() };
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

  /** Tells everybody but `except`, who asked for no echo; returns how many it told. */
  announce(publication: WirePublication, except?: string): number {
    return this.#deliver({ kind: "publication", topic: this.topic, publication }, except);
  }

  /** Tells one subscriber alone. */
  tell(subscriber: Subscriber, publication: WirePublication): void {
    subscriber.deliver(encodeNews({ kind: "publication", topic: this.topic, publication }));
  }

  /** Tells that a stored message is another one now, in its place in the order. */
  announceRevision(message: WireMessage): void {
    this.#deliver({ kind: "revision", topic: this.topic, revision: this.log.revise(message) });
  }

  #deliver(news: ChannelNews, except?: string): number {
    if (this.#subscribers.size === 0) return 0;
    const frame = encodeNews(news);
    let told = 0;
    for (const subscriber of this.#subscribers.values()) {
      if (subscriber.sessionId === except) continue;
      subscriber.deliver(frame);
      told += 1;
    }
    return told;
  }
}

function toWire({ data, old, ...event }: PresenceEvent): WirePresence {
  const told = { ...event, data: JSON.stringify(data) };
  return old === undefined ? told : { ...told, old: JSON.stringify(old) };
}

function encodeNews(news: ChannelNews): Uint8Array {
  return getMessageBytes.raw(Protocol.ROOM_DATA, CHANNEL_NEWS_TYPE, news);
}

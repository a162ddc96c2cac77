import type { Clock } from "../../shared/clock.ts";
import type { SyncError } from "../../shared/errors.ts";
import type { PresenceState } from "../../shared/events/presence-event.ts";
import type { StreamPosition } from "../../shared/events/publication.ts";
import type { JsonText } from "../../shared/json-text.ts";
import type { DisconnectReason } from "../connection/connection-status.ts";
import { isRecord } from "../connection/seat.ts";
import type { RoomRequests } from "../room-requests.ts";
import type { OwnIdentity } from "./payloads.ts";
import { readNews } from "./read-news.ts";
import type { TopicSubscriber } from "./topic-subscriber.ts";
import { type TopicCarrier, TopicSubscription } from "./topic-subscription.ts";

export interface SessionChannelsParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly requests: RoomRequests;
}

const NOBODY: ReadonlyMap<string, PresenceState> = new Map();

/** All channels that one session carries, by topic. */
export class SessionChannels implements TopicCarrier, OwnIdentity {
  readonly requests: RoomRequests;
  readonly clock: Clock;
  readonly random: () => number;
  /** Why there is no connection, as far as the latest attempt says. */
  trouble: SyncError | undefined;
  readonly #topics = new Map<string, TopicSubscription>();
  /** A rejoin may bring another session id; what went out under the old one is ours as well. */
  readonly #ownSessions = new Set<string>();
  #userId = "";
  #isConnected = false;
  #hasConnected = false;
  #closedBy: { readonly error: SyncError | undefined } | undefined;

  constructor({ clock, random, requests }: SessionChannelsParts) {
    this.clock = clock;
    this.random = random;
    this.requests = requests;
  }

  get own(): OwnIdentity {
    return this;
  }

  get userId(): string {
    return this.#userId;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Whether a connection stood before: then being without one is a loss. */
  get hasConnected(): boolean {
    return this.#hasConnected;
  }

  isOwnSession(sessionId: string | undefined): boolean {
    return sessionId !== undefined && this.#ownSessions.has(sessionId);
  }

  /** `since`: see `TopicSubscription.attach`. */
  subscribe(topic: string, subscriber: TopicSubscriber, since?: StreamPosition): void {
    if (this.#closedBy === undefined) {
      this.#subscription(topic).attach(subscriber, since);
      return;
    }
    const { error } = this.#closedBy;
    // Not in a microtask: one that subscribes again and again would never let go of the page.
    this.clock.schedule(0, () => {
      if (error === undefined) subscriber.handleClose();
      else subscriber.handleRefusal(error);
    });
  }

  /** Resolves when the server knows, if it has to; after 2 s in any case. */
  async unsubscribe(topic: string, subscriber: TopicSubscriber): Promise<void> {
    await this.#topics.get(topic)?.detach(subscriber);
  }

  /** Shows `state` as long as `owner` wants it to be. */
  async track(topic: string, owner: object, state: JsonText): Promise<void> {
    // Refused with the session's own reason once it is over.
    if (this.#closedBy !== undefined) await this.requests.operate("untrack", { topic });
    else await this.#subscription(topic).presence.track(owner, state);
  }

  async untrack(topic: string, owner: object): Promise<void> {
    await this.#topics.get(topic)?.presence.untrack(owner);
  }

  members(topic: string): ReadonlyMap<string, PresenceState> {
    return this.#topics.get(topic)?.members ?? NOBODY;
  }

  /** The connection stands, as this user in this session. */
  connected(userId: string, sessionId: string): void {
    this.#userId = userId;
    this.#ownSessions.add(sessionId);
    this.#isConnected = true;
    this.#hasConnected = true;
    this.trouble = undefined;
    for (const subscription of this.#topics.values()) subscription.connected();
  }

  lost(): void {
    this.#isConnected = false;
    for (const subscription of this.#topics.values()) subscription.lost();
  }

  /** Tells every subscriber for whom everything flowed that it no longer does. */
  tellLoss(reason: DisconnectReason): void {
    const subscriptions = [...this.#topics.values()];
    for (const subscription of subscriptions) subscription.tellLoss(reason);
  }

  /** The session is over; with an error it did not end on purpose. */
  close(error: SyncError | undefined): void {
    this.#isConnected = false;
    this.#closedBy = { error };
    const subscriptions = [...this.#topics.values()];
    this.#topics.clear();
    for (const subscription of subscriptions) subscription.close(error);
  }

  /** Tells every subscriber what went wrong that nobody waits for. */
  report(error: SyncError): void {
    const subscriptions = [...this.#topics.values()];
    for (const subscription of subscriptions) subscription.report(error);
  }

  handleNews(payload: unknown): void {
    if (!isRecord(payload) || typeof payload["topic"] !== "string") return;
    // What nobody here follows is not read.
    const subscription = this.#topics.get(payload["topic"]);
    const news = subscription && readNews(payload);
    if (news !== undefined) subscription?.handleNews(news);
  }

  #subscription(topic: string): TopicSubscription {
    let subscription = this.#topics.get(topic);
    if (subscription === undefined) {
      const forget = (): void => {
        if (this.#topics.get(topic) === subscription) this.#topics.delete(topic);
      };
      subscription = new TopicSubscription(topic, this, forget);
      this.#topics.set(topic, subscription);
    }
    return subscription;
  }
}

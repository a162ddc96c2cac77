import { Emitter, reportListenerError, type Unsubscribe } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import { checkEvent, checkPublicationId } from "../../shared/events/channel-arguments.ts";
import type { PresenceState } from "../../shared/events/presence-event.ts";
import type {
  HistoryMessage,
  PublishReceipt,
  RealtimePayload,
  Recovery,
} from "../../shared/events/publication.ts";
import { DEFAULT_HISTORY_LIMIT } from "../../shared/limits.ts";
import { parseDevvitName, parseTopic } from "../../shared/topics.ts";
import type { DisconnectReason } from "../connection/connection-status.ts";
import type { Carriage } from "../connection/outbox.ts";
import { type ChannelListener, ChannelListeners } from "./channel-listeners.ts";
import { checkHistoryRange, writePayload, writeTracked } from "./check-payload.ts";
import { type ChannelStatusListener, HandleSubscription } from "./handle-subscription.ts";
import { readHistory, readMessage } from "./read-history.ts";
import type { SessionChannels } from "./session-channels.ts";

/** How one handle of a channel behaves; other handles of the same channel have their own. */
export interface ChannelOptions {
  /** False: this handle does not hear what this client itself publishes. */
  readonly echo?: boolean;
  /**
   * What becomes of a request while the connection is lost: it waits, 100 of them for 30 s
   * each, and goes out once the channel is subscribed again; or it is refused at once with
   * `disconnected`. Before the first connection it waits in any case.
   */
  readonly whenOffline?: "queue" | "reject";
  /** `"devvit"`: only a name that Devvit would take; another throws in Devvit's words. */
  readonly strict?: "devvit";
}

/**
 * How one publication wants to be treated, as far as the channel's policy leaves that to
 * clients. `persist` and `volatile` together are refused (`payload-invalid`).
 */
export interface PublishOptions {
  /** Stored first, and part of the history. */
  readonly persist?: boolean;
  /** Not part of the order: whoever is away never hears of it. For typing and the like. */
  readonly volatile?: boolean;
  /** One's own key: the same one again is the same publication, whose id the server makes. */
  readonly id?: string;
}

/** What carries a channel: the client's own connection for channels, or a room's. */
export interface ChannelCarrier {
  readonly channels: SessionChannels;
}

/** What the client itself tells, and with which data. */
interface NoticeData {
  "presence:sync": readonly PresenceState[];
  recovery: Recovery;
  resync: Recovery;
  revision: HistoryMessage;
}

/**
 * One handle of a channel, with listeners of its own. However many handles there are, the
 * server sees one subscription, which lives through every reconnect.
 *
 * `publish`, `track` and `getHistory` need no `subscribe()`, and wait for the first
 * connection. Listeners never see each other's errors, and none runs once `unsubscribe()`
 * has returned.
 */
export class Channel {
  readonly topic: string;
  readonly #carrier: ChannelCarrier;
  readonly #options: ChannelOptions;
  readonly #errors = new Emitter<[error: SyncError]>();
  readonly #losses: Emitter<[reason: DisconnectReason]>;
  readonly #listeners: ChannelListeners;
  #subscription: HandleSubscription | undefined;
  #left: Promise<unknown> = Promise.resolve();
  /** Where this handle is subscribed or tracked. */
  #carriedBy: SessionChannels | undefined;

  /** Throws `topic-invalid` for what is no channel name. */
  constructor(topic: string, carrier: ChannelCarrier, options: ChannelOptions = {}) {
    this.topic = options.strict === "devvit" ? parseDevvitName(topic) : parseTopic(topic);
    this.#carrier = carrier;
    this.#options = options;
    this.#losses = new Emitter((error) => this.#report(error));
    this.#listeners = new ChannelListeners((error) => this.#report(error));
  }

  /**
   * Calls `listener` for every event of that name, and of any name for `"*"`. Beside what is
   * published: `presence:join`, `presence:update`, `presence:leave`; `presence:sync` with
   * everybody who is here; `recovery` after every reconnect; `resync` when something is
   * missing for good; `revision` when a stored message was edited or deleted.
   */
  on<Name extends keyof NoticeData>(
    event: Name,
    listener: (payload: RealtimePayload<NoticeData[Name]>) => void,
  ): this;
  // The default of `RealtimePayload` itself.
  // oxlint-disable-next-line typescript/no-explicit-any
  on<Data = any>(event: string, listener: (payload: RealtimePayload<Data>) => void): this;
  on(event: string, listener: ChannelListener): this {
    this.#listeners.add(event, listener);
    return this;
  }

  off(event: string, listener: (payload: never) => void): this {
    this.#listeners.remove(event, listener as ChannelListener);
    return this;
  }

  /** Errors of listeners, with the error as `cause`, and what else nobody waits for. */
  onError(listener: (error: SyncError) => void): Unsubscribe {
    return this.#errors.on(listener);
  }

  /** Once for each time that it was subscribed and the connection was lost, or it ended. */
  onDisconnect(listener: (reason: DisconnectReason) => void): Unsubscribe {
    return this.#losses.on(listener);
  }

  /** Begins to listen; a second call only adds its callback. */
  subscribe(callback?: ChannelStatusListener): this {
    if (this.#subscription === undefined || this.#subscription.isOver) {
      const channels = this.#open();
      const subscription = new HandleSubscription({
        topic: this.topic,
        clock: channels.clock,
        listeners: this.#listeners,
        hearsItself: this.#options.echo !== false,
        findTrouble: () => channels.trouble,
        onLoss: (reason) => this.#losses.emit(reason),
        onError: (error) => this.#report(error),
        // Unlike a listener's error it is nobody's fault: whoever wants to know listens.
        onTrouble: (error) => this.#errors.emit(error),
      });
      this.#subscription = subscription;
      if (callback !== undefined) subscription.watch(callback);
      channels.subscribe(this.topic, subscription);
    } else if (callback !== undefined) {
      this.#subscription.watch(callback);
    }
    return this;
  }

  /** Whether everything flows, at this moment. */
  get isSubscribed(): boolean {
    const isConnected = this.#carriedBy?.isConnected === true;
    return isConnected && this.#subscription?.isLive === true;
  }

  /** Resolves when everything flows; rejects when it is refused, over, or not so after 10 s. */
  get ready(): Promise<void> {
    if (this.#subscription !== undefined) return this.#subscription.ready;
    const refusal = Promise.reject(new SyncError("closed", `"${this.topic}" is not subscribed`));
    refusal.catch(() => undefined);
    return refusal;
  }

  /** Ends what this handle does here: its listeners, its subscription, what it tracks. */
  unsubscribe(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#listeners.clear();
    const untracked = this.untrack().catch(() => undefined);
    this.#left = untracked;
    if (subscription !== undefined) {
      this.#left = Promise.all([untracked, this.#carriedBy?.unsubscribe(this.topic, subscription)]);
      subscription.handleClose();
    }
    this.#losses.clear();
    this.#errors.clear();
  }

  /** Resolves when the server knows of the latest `unsubscribe`, or does not answer for 2 s. */
  get left(): Promise<void> {
    return this.#left.then(() => undefined);
  }

  /**
   * Resolves once the publication has its place in the channel. Rejects with a `SyncError`:
   * what the server refuses, what is no JSON or over 1 MB, `timed-out`, `disconnected`,
   * `closed`. If the connection is lost before the answer it is sent again, and published once.
   */
  async publish(
    event: string,
    data: unknown,
    { id, persist, volatile }: PublishOptions = {},
  ): Promise<PublishReceipt> {
    checkEvent(event);
    const text = writePayload(data);
    if (id !== undefined) checkPublicationId(id);
    const { requests } = this.#open();
    const given = {
      topic: this.topic,
      event,
      data: text,
      id: id ?? requests.nextId(),
      ...(persist === undefined ? {} : { persist }),
      ...(volatile === undefined ? {} : { volatile }),
    };
    // What has no place in the order cannot be recognised when it comes twice.
    const whenLost = volatile === true ? "reject" : "repeat";
    return await requests.operate("publish", given, this.#carriage(whenLost));
  }

  /**
   * Shows `state` to everybody on the channel as this user's presence, now and after every
   * reconnect, until `untrack` or `unsubscribe`. Resolves when the server shows it: with its
   * own `userId`, its own `sessionId` and `timestamp` where `state` has them, and without an
   * `id` or `offset`, which are of publications.
   */
  async track(state: Record<string, unknown>): Promise<void> {
    const tracked = writeTracked(state);
    await this.#open().track(this.topic, this, tracked);
  }

  async untrack(): Promise<void> {
    await this.#carriedBy?.untrack(this.topic, this);
  }

  /** Who is here, by user id, as far as this client knows: while it is subscribed. */
  presenceState(): Map<string, PresenceState> {
    return new Map(this.#carriedBy?.members(this.topic));
  }

  /**
   * Stored messages, newest first. `before`, a `created_at` or a `cursor` of a message,
   * leaves out that one and whatever is newer.
   */
  async getHistory(
    limit = DEFAULT_HISTORY_LIMIT,
    before?: number | string,
  ): Promise<HistoryMessage[]> {
    checkHistoryRange(limit, before);
    const range = before === undefined ? { limit } : { limit, before };
    const { lane: _lane, ...carriage } = this.#carriage();
    const { requests } = this.#open();
    const given = { topic: this.topic, ...range };
    return readHistory(await requests.operate("history", given, carriage));
  }

  /** Replaces what a stored message says; for its author and for moderators. */
  async editMessage(id: string, data: unknown): Promise<HistoryMessage> {
    checkPublicationId(id);
    const given = { topic: this.topic, id, data: writePayload(data) };
    const { requests } = this.#open();
    return readMessage(await requests.operate("edit", given, this.#carriage()));
  }

  /** Takes back what a stored message said; for its author and for moderators. */
  async deleteMessage(id: string): Promise<HistoryMessage> {
    checkPublicationId(id);
    const { requests } = this.#open();
    const given = { topic: this.topic, id };
    return readMessage(await requests.operate("delete", given, this.#carriage()));
  }

  /** The session that carries the channel from now on: the one it is on, while that lasts. */
  #open(): SessionChannels {
    const isBound = this.#subscription?.isOver === false && this.#carriedBy !== undefined;
    if (!isBound || this.#carriedBy === undefined) this.#carriedBy = this.#carrier.channels;
    return this.#carriedBy;
  }

  #carriage(whenLost: "repeat" | "reject" = "repeat"): Carriage {
    const isRefused = this.#options.whenOffline === "reject" && this.#open().hasConnected;
    return { lane: this.topic, whenLost, whenAway: isRefused ? "reject" : "wait" };
  }

  #report(cause: unknown): void {
    if (this.#errors.size === 0) {
      reportListenerError(cause);
      return;
    }
    const text = `a listener of "${this.topic}" threw: ${String(cause)}`;
    const error =
      cause instanceof SyncError ? cause : new SyncError("handler-failed", text, { cause });
    this.#errors.emit(error);
  }
}

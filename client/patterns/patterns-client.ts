import { SyncError } from "../../shared/errors.ts";
import type { EventDraft, RealtimeEvent } from "../../shared/patterns/realtime-event.ts";
import type { ServerType } from "../../shared/room-types.ts";
import { parseTopic } from "../../shared/topics.ts";
import type { RealtimeClient } from "../realtime-client.ts";
import { EventEmitter } from "./event-emitter.ts";
import type { ChannelOptions, RealtimeChannel } from "./realtime-channel.ts";
import { RealtimeProvider, type RealtimeProviderOptions } from "./realtime-provider.ts";

/** Topics over one connection, and one emitter that hears them all. */
export class PatternsClient<
  Incoming extends RealtimeEvent = RealtimeEvent,
  Outgoing extends RealtimeEvent = RealtimeEvent,
> {
  readonly #provider: RealtimeProvider;
  readonly #emitter: EventEmitter<Incoming>;
  readonly #channels = new Map<string, RealtimeChannel<Incoming, Outgoing>>();

  constructor(provider: RealtimeProvider) {
    this.#provider = provider;
    this.#emitter = new EventEmitter<Incoming>(provider.onError);
  }

  /** The connection itself: rooms, presence, history, its status. */
  get realtime(): RealtimeClient<ServerType> {
    return this.#provider.realtime;
  }

  /**
   * Follows these topics from now on and no others, and connects. Topics that are followed
   * already stay as they are: nothing of theirs is lost. Resolves when events of all flow that
   * are still wanted then; rejects as `RealtimeChannel#connect` does, with every topic kept.
   */
  async init(topics: readonly string[]): Promise<void> {
    const wanted = new Set(topics.map((topic) => parseTopic(topic)));
    const unwanted = [...this.#channels.keys()].filter((topic) => !wanted.has(topic));
    const left = unwanted.map((topic) => this.unsubscribe(topic));
    for (const topic of wanted) this.subscribe(topic);
    await Promise.all([this.connect(), ...left]);
  }

  /**
   * The topic's channel, the same one until `unsubscribe`, with the options of the first call;
   * it connects by itself, again if it was closed meanwhile. Throws `topic-invalid`.
   */
  subscribe(topic: string, options?: ChannelOptions): RealtimeChannel<Incoming, Outgoing> {
    const known = this.#channels.get(topic);
    if (known !== undefined) {
      if (!this.#provider.isDisconnected) known.connect().catch(() => undefined);
      return known;
    }
    const channel = this.#provider.createChannel<Incoming, Outgoing>(topic, options);
    channel.on("*", (event) => this.#emitter.emit(event as Incoming));
    this.#channels.set(topic, channel);
    return channel;
  }

  /** At once nothing of the topic is heard any more; resolves when the server knows. */
  async unsubscribe(topic: string): Promise<void> {
    const channel = this.#channels.get(topic);
    this.#channels.delete(topic);
    if (channel !== undefined) await this.#provider.removeChannel(channel);
  }

  /** As `RealtimeChannel#publish` does it; the topic need not be followed. */
  async publish(topic: string, event: EventDraft<Outgoing>): Promise<void> {
    if (this.#provider.isDisconnected) {
      throw new SyncError("closed", `cannot publish on "${topic}": this client was disconnected`);
    }
    const channel = this.#channels.get(topic);
    await (channel ?? this.#provider.makeChannel<Incoming, Outgoing>(topic)).publish(event);
  }

  /** Connects, and every topic that is followed; resolves when events of all flow. */
  connect(): Promise<void> {
    return this.#provider.connect();
  }

  /**
   * Ends the connection and whatever was scheduled. Final until `connect` or `init`: topics
   * and observers are kept for that.
   */
  disconnect(): Promise<void> {
    return this.#provider.disconnect();
  }

  /** Hears the events of all topics that are followed. */
  getEventEmitter(): EventEmitter<Incoming> {
    return this.#emitter;
  }
}

/**
 * A client of the server at an address (`ws`, `wss`, `http`, `https`), or over a client of it
 * that there is already. Without one: at `WEBSOCKET_URL` where a process has an environment,
 * else where the page came from, else at port 3030 of this machine. Nothing is opened before
 * it is needed.
 */
export function createPatternsClient<
  Incoming extends RealtimeEvent = RealtimeEvent,
  Outgoing extends RealtimeEvent = RealtimeEvent,
>(
  target?: string | RealtimeClient<ServerType>,
  options?: RealtimeProviderOptions,
): PatternsClient<Incoming, Outgoing> {
  return new PatternsClient(new RealtimeProvider(target, options));
}

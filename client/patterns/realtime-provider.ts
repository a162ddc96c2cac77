import type { ErrorListener } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type { RealtimeEvent } from "../../shared/patterns/realtime-event.ts";
import type { ServerType } from "../../shared/room-types.ts";
import { connect, type ConnectOptions } from "../connect.ts";
import { RealtimeClient } from "../realtime-client.ts";
import { type ChannelOptions, RealtimeChannel } from "./realtime-channel.ts";
import { checkTransport, serverAddress } from "./server-address.ts";

/** How a provider's channels connect. */
export interface RealtimeProviderOptions extends Omit<ConnectOptions, "token"> {
  /** Says who we are; without it we are a guest. */
  authToken?: string;
  /** `websocket` is what there is. Default `REALTIME_TRANSPORT`, where a process has it. */
  transport?: string;
  /** Errors of handlers and observers, and what else nobody waits for. */
  onError?: ErrorListener;
}

// Channels of every type of events; one of them is handed out as what it was asked for as.
type AnyChannel = RealtimeChannel;

/**
 * Makes channels that share one connection. A channel that asks for a token or for
 * reconnecting of its own has a connection of its own instead.
 */
export class RealtimeProvider {
  readonly onError: ErrorListener | undefined;
  readonly #target: string | RealtimeClient<ServerType> | undefined;
  readonly #options: RealtimeProviderOptions;
  readonly #channels = new Set<AnyChannel>();
  #realtime: RealtimeClient<ServerType> | undefined;
  #isDisconnected = false;

  /** `target`: where the server is, or a client of it. Nothing is opened before it is needed. */
  constructor(target?: string | RealtimeClient<ServerType>, options: RealtimeProviderOptions = {}) {
    this.#target = target;
    this.#options = options;
    this.onError = options.onError;
  }

  /** The connection itself, for whatever else is to be done with it. */
  get realtime(): RealtimeClient<ServerType> {
    this.#realtime ??= this.#open();
    return this.#realtime;
  }

  get isDisconnected(): boolean {
    return this.#isDisconnected;
  }

  /** A channel that connects by itself: its `connect()` waits for that. */
  createChannel<
    Incoming extends RealtimeEvent = RealtimeEvent,
    Outgoing extends RealtimeEvent = RealtimeEvent,
  >(topic: string, options?: ChannelOptions): RealtimeChannel<Incoming, Outgoing> {
    const channel = this.makeChannel<Incoming, Outgoing>(topic, options);
    this.#channels.add(channel as unknown as AnyChannel);
    // Its state and `connect()` tell what became of it.
    if (!this.#isDisconnected) channel.connect().catch(() => undefined);
    return channel;
  }

  /** A channel that nobody connects, and that is not among the provider's: to publish on. */
  makeChannel<
    Incoming extends RealtimeEvent = RealtimeEvent,
    Outgoing extends RealtimeEvent = RealtimeEvent,
  >(topic: string, options: ChannelOptions = {}): RealtimeChannel<Incoming, Outgoing> {
    const { filters, authToken, reconnect } = options;
    const isOwn = authToken !== undefined || reconnect !== undefined;
    const realtime = isOwn ? this.#openOwn(options) : this.realtime;
    return new RealtimeChannel({ topic, realtime, isOwn, filters, onError: this.onError });
  }

  /** Closes the channel and forgets it. */
  async removeChannel<Incoming extends RealtimeEvent, Outgoing extends RealtimeEvent>(
    channel: RealtimeChannel<Incoming, Outgoing>,
  ): Promise<void> {
    this.#channels.delete(channel as unknown as AnyChannel);
    await channel.close();
  }

  getChannels(): RealtimeChannel[] {
    return [...this.#channels];
  }

  /** Connects, and every channel; resolves when all stands that nobody removed meanwhile. */
  async connect(): Promise<void> {
    this.#isDisconnected = false;
    const connecting = this.realtime.connect();
    const channels = this.getChannels().map((channel) => this.#connectChannel(channel));
    await Promise.all([connecting, ...channels]);
  }

  /** Closes every channel and the connection, unless it was given. Final until `connect()`. */
  async disconnect(): Promise<void> {
    this.#isDisconnected = true;
    if (!(this.#target instanceof RealtimeClient)) this.#realtime?.disconnect();
    await Promise.all(this.getChannels().map((channel) => channel.close()));
  }

  async #connectChannel(channel: AnyChannel): Promise<void> {
    try {
      await channel.connect();
    } catch (error) {
      if (this.#channels.has(channel)) throw error;
    }
  }

  #open(): RealtimeClient<ServerType> {
    if (this.#target instanceof RealtimeClient) return this.#target;
    return this.#openAt(this.#target, {});
  }

  #openOwn({ authToken, reconnect }: ChannelOptions): RealtimeClient<ServerType> {
    if (this.#target instanceof RealtimeClient) {
      const text = "a channel with a token or reconnecting of its own needs the server's address";
      throw new SyncError("options-invalid", text);
    }
    return this.#openAt(this.#target, {
      ...(authToken === undefined ? {} : { token: authToken }),
      ...(reconnect === undefined ? {} : { reconnect }),
    });
  }

  #openAt(url: string | undefined, more: ConnectOptions): RealtimeClient<ServerType> {
    const { authToken, transport, onError: _onError, ...options } = this.#options;
    checkTransport(transport);
    const token = authToken === undefined ? {} : { token: authToken };
    return connect(url ?? serverAddress(), { ...options, ...token, ...more });
  }
}

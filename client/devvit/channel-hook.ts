import { Emitter, reportListenerError, type Unsubscribe } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type { Channel } from "../channels/channel.ts";
import type { DisconnectReason } from "../connection/connection-status.ts";
import { ChannelStatus } from "./channel-status.ts";
import type { JSONValue } from "./json-value.ts";
import type { ChannelFollower } from "./open-channel.ts";

/** What `useChannel` takes. Its callbacks may be others in every render: the latest count. */
export interface ChannelOptions<Message extends JSONValue = JSONValue> {
  readonly name: string;
  readonly onMessage: (data: Message) => void;
  /** Connected, or connected again. */
  readonly onSubscribed?: () => void | Promise<void>;
  /** Once for each time that the connection is lost, or ended by `unsubscribe()`. */
  readonly onUnsubscribed?: (reason: DisconnectReason) => void | Promise<void>;
  /** Connected again after so long that messages are missing for good. */
  readonly onResync?: () => void | Promise<void>;
}

type OpenChannel = (name: string, follower: ChannelFollower) => Channel;

/**
 * What one `useChannel` of one mounted component wants, and has.
 *
 * What a render wants counts when it is committed, and only where the render before wanted
 * something else: a component that subscribes in every render is subscribed once, and an
 * `unsubscribe()` in an event handler stays.
 */
export class ChannelHook {
  readonly #open: OpenChannel;
  readonly #changed = new Emitter<[]>();
  #options: ChannelOptions | undefined;
  #name: string | undefined;
  #channel: Channel | undefined;
  #leaving: Channel | undefined;
  #isWanted = false;
  #isRendering = false;
  #wantedByRender: boolean | undefined;
  #wantedByCommit: boolean | undefined;

  constructor(open: OpenChannel) {
    this.#open = open;
  }

  readonly subscribe = (): void => this.#want(true);

  readonly unsubscribe = (): void => this.#want(false);

  readonly send = async (message: JSONValue): Promise<void> => {
    if (this.status() !== ChannelStatus.Connected) {
      const text = `cannot send on "${this.#options?.name}": it is not subscribed and connected`;
      throw new SyncError("disconnected", text);
    }
    await this.#channel?.publish("message", message);
  };

  readonly status = (): ChannelStatus => {
    if (this.#channel !== undefined) {
      return this.#channel.isSubscribed ? ChannelStatus.Connected : ChannelStatus.Connecting;
    }
    return this.#leaving === undefined ? ChannelStatus.Disconnected : ChannelStatus.Disconnecting;
  };

  readonly onChange = (listener: () => void): Unsubscribe => this.#changed.on(listener);

  /** A render begins; it may never be committed. */
  render(): void {
    this.#isRendering = true;
    this.#wantedByRender = undefined;
    // Event handlers come later than that, whatever becomes of the render.
    queueMicrotask(() => {
      this.#isRendering = false;
    });
  }

  commit(options: ChannelOptions): void {
    this.#isRendering = false;
    this.#options = options;
    if (this.#wantedByRender === this.#wantedByCommit) return;
    this.#wantedByCommit = this.#wantedByRender;
    this.#isWanted = this.#wantedByRender ?? this.#isWanted;
  }

  /** The component is there, with this channel, until the returned function is called. */
  mount(name: string): () => void {
    this.#name = name;
    this.flush();
    return () => {
      this.#name = undefined;
      this.flush();
    };
  }

  /** Does what is wanted, if it is not done yet. */
  flush(): void {
    if (this.#name === undefined || !this.#isWanted) this.#leave();
    else if (this.#channel === undefined) this.#enter(this.#name);
  }

  #want(isWanted: boolean): void {
    if (this.#isRendering) {
      this.#wantedByRender = isWanted;
      return;
    }
    this.#isWanted = isWanted;
    this.flush();
  }

  #enter(name: string): void {
    const channel = this.#open(name, {
      onConnect: () => {
        this.#changed.emit();
        void this.#options?.onSubscribed?.();
      },
      onMessage: (message) => this.#options?.onMessage(message),
      onResync: () => void this.#options?.onResync?.(),
      onDisconnect: (reason) => {
        this.#changed.emit();
        // Whoever is unmounted hears nothing more.
        if (this.#name !== undefined) void this.#options?.onUnsubscribed?.(reason);
      },
      onEnd: (error) => {
        if (this.#channel !== channel) return;
        this.#channel = undefined;
        this.#isWanted = false;
        this.#changed.emit();
        // Nobody else would be told that the server does not let us in.
        if (error !== undefined) reportListenerError(error);
      },
    });
    this.#channel = channel;
    this.#changed.emit();
  }

  #leave(): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    this.#channel = undefined;
    if (channel.isSubscribed) this.#leaving = channel;
    channel.unsubscribe();
    this.#changed.emit();
    void this.#awaitLeft(channel);
  }

  async #awaitLeft(channel: Channel): Promise<void> {
    await channel.left;
    if (this.#leaving !== channel) return;
    this.#leaving = undefined;
    this.#changed.emit();
  }
}

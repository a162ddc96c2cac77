import type { Unsubscribe } from "../../shared/emitter.ts";
import type { SyncError } from "../../shared/errors.ts";
import type { Identity } from "../../shared/protocol/hello.ts";
import type { ServerType } from "../../shared/room-types.ts";
import type { ChannelOptions } from "../channels/channel.ts";
import type { SessionChannels } from "../channels/session-channels.ts";
import type { ConnectionStatus } from "../connection/connection-status.ts";
import type { RealtimeClient } from "../realtime-client.ts";
import { AerostackChannel, type ChannelKeeper } from "./aerostack-channel.ts";

/** What Aerostack's `realtime` needs of a client: any of ours, whatever its rooms. */
export type AerostackClient = Omit<RealtimeClient<ServerType>, "join">;

/**
 * Aerostack's `realtime` over one of our clients: the connection, and channels. Whatever was
 * lost comes back by itself; after `disconnect` nothing does until `connect`, and then
 * everything that nobody unsubscribed.
 */
export class AerostackRealtime implements ChannelKeeper {
  readonly #client: AerostackClient;
  /** Channels that somebody subscribed or is shown on. */
  readonly #kept = new Set<AerostackChannel>();
  #stopWatching: Unsubscribe | undefined;
  #known: Promise<Identity> | undefined;

  constructor(client: AerostackClient) {
    this.#client = client;
  }

  get status(): ConnectionStatus {
    return this.#client.status;
  }

  /** Who the server says we are: the same object until it changes. Undefined at first. */
  get user(): Identity | undefined {
    return this.#client.user;
  }

  /** Resolves once the server has said who we are; the same promise every time, as `use` wants. */
  get known(): Promise<Identity> {
    this.#known ??= this.user === undefined ? this.#nextUser() : fulfilled(this.user);
    return this.#known;
  }

  get channels(): SessionChannels {
    return this.#client.channels;
  }

  /**
   * A handle of the channel of that name: every call its own, with its own listeners, over
   * one subscription.
   */
  channel(topic: string, options?: ChannelOptions): AerostackChannel {
    return new AerostackChannel(topic, this, options);
  }

  /** Resolves when the connection stands; however often it is called, there is one. */
  connect(): Promise<void> {
    return this.#client.connect();
  }

  /** Ends the connection, and everything that was to bring it back. */
  disconnect(): void {
    this.#client.disconnect();
  }

  onStatusChange(listener: (status: ConnectionStatus) => void): Unsubscribe {
    return this.#client.onStatusChange(listener);
  }

  /** As many attempts in a row failed as `reconnect.maxAttempts` allows: `connect` begins anew. */
  onMaxRetriesExceeded(listener: (error: SyncError) => void): Unsubscribe {
    return this.#client.onMaxRetriesExceeded(listener);
  }

  onUserChange(listener: (user: Identity) => void): Unsubscribe {
    return this.#client.onUserChange(listener);
  }

  /** The token of this connection from now on, and of every later one. */
  setToken(token: string): void {
    this.#client.setToken(token);
  }

  keep(channel: AerostackChannel): void {
    this.#kept.add(channel);
    this.#stopWatching ??= this.#watch();
  }

  release(channel: AerostackChannel): void {
    this.#kept.delete(channel);
    if (this.#kept.size > 0) return;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  #nextUser(): Promise<Identity> {
    return new Promise((resolve) => {
      const stop = this.onUserChange((user) => {
        stop();
        resolve(user);
      });
    });
  }

  #watch(): Unsubscribe {
    let hasEnded = this.status === "disconnected";
    return this.onStatusChange((status) => {
      if (status === "disconnected") hasEnded = true;
      if (status !== "connected" || !hasEnded) return;
      hasEnded = false;
      for (const channel of this.#kept) channel.resume();
    });
  }
}

/** A promise that React's `use` can read at once: without these fields it would wait a turn. */
function fulfilled(user: Identity): Promise<Identity> {
  return Object.assign(Promise.resolve(user), { status: "fulfilled", value: user });
}

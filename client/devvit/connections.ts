import { reportListenerError } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type { Channel } from "../channels/channel.ts";
import type { DisconnectReason } from "../connection/connection-status.ts";
import type { JSONValue } from "./json-value.ts";
import { type DevvitParts, openChannel } from "./open-channel.ts";

/** A channel, and what hears it: callbacks see none of each other's errors. */
export interface ConnectRealtimeOptions<Message = JSONValue> {
  readonly channel: string;
  /** Connected, or connected again. */
  readonly onConnect?: (channel: string) => void;
  /** Once for each time that the connection is lost or ended. */
  readonly onDisconnect?: (channel: string, reason: DisconnectReason) => void;
  readonly onMessage: (data: Message) => void;
  /** Connected again after so long that messages are missing for good: load what they changed. */
  readonly onResync?: (channel: string) => void;
}

/** One `connectRealtime`, with its own callbacks. */
export interface Connection {
  /**
   * Ends this connection and no other; none of its callbacks runs afterwards. Resolves when
   * the server knows, or does not answer for 2 s. Calling it again waits for the same end.
   */
  disconnect(): Promise<void>;
}

/** All connections of one Devvit, by channel. */
export class Connections {
  readonly #parts: DevvitParts;
  readonly #open = new Map<string, Set<OpenConnection>>();

  constructor(parts: DevvitParts) {
    this.#parts = parts;
  }

  connect<Message>(options: ConnectRealtimeOptions<Message>): Promise<Connection> & Connection {
    let opened: OpenConnection | undefined;
    const disconnect = async (): Promise<void> => await opened?.disconnect();
    const attempt = async (): Promise<Connection> => {
      opened = this.#connect(options as unknown as ConnectRealtimeOptions);
      await opened.settled();
      return { disconnect };
    };
    return Object.assign(attempt(), { disconnect });
  }

  disconnect(channel: string): void {
    for (const connection of this.#open.get(channel) ?? []) void connection.disconnect();
  }

  isConnected(channel: string): boolean {
    return [...(this.#open.get(channel) ?? [])].some(({ isConnected }) => isConnected);
  }

  #connect(options: ConnectRealtimeOptions): OpenConnection {
    const { capabilities, parseName } = this.#parts;
    capabilities.requireRealtime();
    const name = parseName(options.channel);
    if (typeof options.onMessage !== "function") {
      throw new TypeError(`onMessage of "${name}" is ${typeof options.onMessage}, no function`);
    }
    const siblings = this.#open.get(name) ?? new Set();
    const connection = new OpenConnection(this.#parts, name, options, () => {
      siblings.delete(connection);
      if (siblings.size === 0 && this.#open.get(name) === siblings) this.#open.delete(name);
    });
    this.#open.set(name, siblings.add(connection));
    return connection;
  }
}

class OpenConnection implements Connection {
  readonly #channel: Channel;
  #isSettled = false;
  #isLeft = false;

  constructor(
    parts: DevvitParts,
    name: string,
    options: ConnectRealtimeOptions,
    onEnd: () => void,
  ) {
    this.#channel = openChannel(parts, name, {
      onConnect: () => options.onConnect?.(name),
      onMessage: (message) => options.onMessage(message),
      onResync: () => options.onResync?.(name),
      onDisconnect: (reason) => options.onDisconnect?.(name, reason),
      onEnd: (error) => {
        onEnd();
        // Nobody waits any more for what went wrong.
        if (error !== undefined && this.#isSettled) reportListenerError(error);
      },
    });
  }

  get isConnected(): boolean {
    return this.#channel.isSubscribed;
  }

  /** Resolves when connected, when that takes longer, or when nobody wants it; else rejects. */
  async settled(): Promise<void> {
    try {
      await this.#channel.ready;
    } catch (error) {
      const goesOn = error instanceof SyncError && error.code === "timed-out";
      if (!goesOn && !this.#isLeft) throw error;
    } finally {
      this.#isSettled = true;
    }
  }

  disconnect(): Promise<void> {
    this.#isLeft = true;
    this.#channel.unsubscribe();
    return this.#channel.left;
  }
}

import { type DevvitConfig, DevvitSwitch } from "../../shared/devvit-switch.ts";
import { parseDevvitName, parseTopic } from "../../shared/topics.ts";
import { type Connection, Connections, type ConnectRealtimeOptions } from "./connections.ts";
import type { JSONValue } from "./json-value.ts";
import type { ChannelClient, DevvitParts } from "./open-channel.ts";
import { createUseChannel, type UseChannel } from "./use-channel.ts";

/** What differs from the `devvit` entry's own names. */
export interface DevvitClientOptions {
  /** Takes only the channel names that Devvit itself takes: letters, numbers, underscores. */
  readonly strict?: boolean;
}

/** Devvit's names for the client, bound to one server. */
export interface DevvitClient {
  readonly Devvit: { readonly configure: (config: DevvitConfig) => void };
  /**
   * Listens to a channel. Resolves when connected, or after 10 s while it goes on trying;
   * rejects when that is refused for good. What it returns can be disconnected before that, too.
   */
  readonly connectRealtime: <Message = JSONValue>(
    options: ConnectRealtimeOptions<Message>,
  ) => Promise<Connection> & Connection;
  /** Ends every connection to this channel that was made here. */
  readonly disconnectRealtime: (channel: string) => void;
  /** Whether messages of this channel arrive at this moment. */
  readonly isRealtimeConnected: (channel: string) => boolean;
  /** Listens to a channel, and sends on it, for as long as the component is mounted. */
  readonly useChannel: UseChannel;
}

/** Devvit's names over the channels of any client. */
export function createDevvit(realtime: ChannelClient, options?: DevvitClientOptions): DevvitClient {
  return bindDevvit(() => realtime, options);
}

/** The same, of a client that is asked for when the first channel needs it. */
export function bindDevvit(
  realtime: () => ChannelClient,
  { strict = false }: DevvitClientOptions = {},
): DevvitClient {
  const capabilities = new DevvitSwitch();
  const parts: DevvitParts = {
    capabilities,
    realtime,
    parseName: strict ? parseDevvitName : parseTopic,
  };
  const connections = new Connections(parts);
  return {
    Devvit: { configure: capabilities.configure },
    connectRealtime: (options) => connections.connect(options),
    disconnectRealtime: (channel) => connections.disconnect(channel),
    isRealtimeConnected: (channel) => connections.isConnected(channel),
    useChannel: createUseChannel(parts),
  };
}

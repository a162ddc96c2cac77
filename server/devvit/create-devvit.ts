import { type DevvitConfig, DevvitSwitch } from "../../shared/devvit-switch.ts";
import type { JsonValue } from "../../shared/json-text.ts";
import { parseDevvitName } from "../../shared/topics.ts";
import type { RealtimeServer } from "../realtime-server.ts";

/** What differs from the `devvit` entry's own names. */
export interface DevvitServerOptions {
  /** Takes only the channel names that Devvit itself takes: letters, numbers, underscores. */
  readonly strict?: boolean;
}

/** The part of a server that Devvit's names need. */
export type PublishingServer = Pick<RealtimeServer, "realtime">;

/** Devvit's names for the server. */
export interface DevvitServer {
  readonly Devvit: { readonly configure: (config: DevvitConfig) => void };
  readonly realtime: {
    /**
     * To everybody on the channel. Resolves when the message has its place in the channel;
     * rejects with a `SyncError`: what is no JSON or too large, over a limit, or no name.
     */
    readonly send: (channel: string, message: JsonValue) => Promise<void>;
  };
}

/** Devvit's names, bound to one server. */
export function createDevvit(
  server: PublishingServer,
  options?: DevvitServerOptions,
): DevvitServer {
  return bindDevvit(() => server, options);
}

/** The same, for the server that is asked for with every message. */
export function bindDevvit(
  server: () => PublishingServer,
  { strict = false }: DevvitServerOptions = {},
): DevvitServer {
  const capabilities = new DevvitSwitch();
  return {
    Devvit: { configure: capabilities.configure },
    realtime: {
      send: async (channel, message) => {
        capabilities.requireRealtime();
        if (strict) parseDevvitName(channel);
        await server().realtime.send(channel, message);
      },
    },
  };
}

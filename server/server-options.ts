import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Clock } from "../shared/clock.ts";
import type { TokenVerifier } from "./auth/authenticator.ts";
import type { ChannelPolicies } from "./channels/channel-policy.ts";
import type { LimitOptions } from "./limits/server-limits.ts";
import type { Logger } from "./logger.ts";
import type { RoomTable } from "./matchmaking/room-table.ts";
import type { Store } from "./persistence/store.ts";

export interface ServerOptions<Rooms extends RoomTable> {
  /** The rooms that clients can join, by name. */
  rooms: Rooms;
  /** Who is let in; absent: everybody, as a guest with an identity of their own. */
  auth?: TokenVerifier;
  /** Signs guest identities: at least 32 bytes. Absent: a file in `dataFolder`. */
  guestSecret?: Uint8Array;
  /** Where the server keeps its own files; default `data`, below the working folder. */
  dataFolder?: string;
  /** Pages of other origins that may connect, such as `https://example.com`. */
  allowedOrigins?: readonly string[];
  /**
   * Whether stock SDKs may come back with a token in the upgrade's URL, which is the only
   * way they know; default yes. Our own client never puts one there.
   */
  acceptsQueryTokens?: boolean;
  /**
   * How many connections there may be at the same time, those included that were lost and may
   * come back; more are refused with `room-full`. Default: no limit.
   */
  maxConnections?: number;
  /** Answers every HTTP request that is not matchmaking: an express app fits. */
  http?: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * A server that there is already, to be shared: from `listen()` to `close()` requests and
   * upgrades that are ours are answered, all others are its own as before. Its port is opened
   * only if `listen` is given one, and closed only then.
   */
  httpServer?: HttpServer;
  /**
   * What clients may do on channels: policies, presets such as `devvit()`, or one of them. A
   * channel that matches none is closed to clients.
   */
  channels?: ChannelPolicies;
  /** What differs from the default limits of connections, sessions, users and channels. */
  limits?: LimitOptions;
  /** Where durable rooms and persisted messages are kept: `memory:` (default), `sqlite:<path>`, or your own. */
  store?: Store | string;
  /** Keys with which other processes may publish over HTTP; none: that route does not exist. */
  apiKeys?: readonly string[];
  clock?: Clock;
  logger?: Logger;
}

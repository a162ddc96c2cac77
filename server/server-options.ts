import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Clock } from "../shared/clock.ts";
import type { AdminOptions } from "./admin/admin-options.ts";
import type { TokenVerifier } from "./auth/authenticator.ts";
import type { ChannelPolicies } from "./channels/channel-policy.ts";
import type { LimitOptions } from "./limits/server-limits.ts";
import type { Logger } from "./logger.ts";
import type { RoomTable } from "./matchmaking/room-table.ts";
import type { MetricsOptions } from "./metrics/metrics-options.ts";
import type { Store } from "./persistence/store.ts";

/** What operators see of a server and do to it; docs/operating.md tells more. */
export interface OperationOptions {
  /** Who is let in; absent: everybody, as a guest with an identity of their own. */
  auth?: TokenVerifier;
  /**
   * Opens `/metrics` to whoever has one of the keys, or with `"open"` to everybody, which a
   * server refuses when `NODE_ENV` is `production`. Absent: nothing is counted.
   */
  metrics?: MetricsOptions;
  /** Opens the admin API to moderators and to holders of a key. Absent: it does not exist. */
  admin?: AdminOptions;
  /** Whether `/healthz` is answered; default yes. */
  health?: boolean;
}

/** What `createServer` takes; only `rooms` has no default. */
export interface ServerOptions<Rooms extends RoomTable> extends OperationOptions {
  /** The rooms that clients can join, by name. */
  rooms: Rooms;
  /** Signs guest identities: at least 32 bytes. Absent: a file in `dataFolder`. */
  guestSecret?: Uint8Array;
  /** Where the server keeps its own files; default `data`, below the working folder. */
  dataFolder?: string;
  /** Pages of other origins that may connect, such as `https://example.com`. */
  allowedOrigins?: readonly string[];
  /**
   * Addresses and CIDR ranges of reverse proxies, such as `10.0.0.0/8`, whose `X-Forwarded-For`,
   * `-Host` and `-Proto` are believed. What anybody else says of itself there is dropped.
   */
  trustedProxies?: readonly string[];
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
  /**
   * Names the build of the pages that belong to this server: up to 64 letters, digits, dots,
   * dashes and underscores, such as a hash of what they are made of. A page that met a server
   * of another build is told, when it comes back, that a new version is here.
   */
  build?: string;
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
  /**
   * How long `close()` waits for rooms to end by themselves before it ends without them, in
   * milliseconds; default 15 s. What comes after may take as long again.
   */
  drainMs?: number;
  clock?: Clock;
  /** Where the server reports; it is given no secrets. Default: lines on standard error. */
  logger?: Logger;
}

import type { Server as HttpServer } from "node:http";
import { SyncError } from "../../shared/errors.ts";
import type { TokenVerifier } from "../auth/authenticator.ts";
import type { LimitOptions } from "../limits/server-limits.ts";
import type { RoomTable } from "../matchmaking/room-table.ts";
import { patterns } from "../policies/patterns-policy.ts";
import { RealtimeServer } from "../realtime-server.ts";
import type { ServerOptions } from "../server-options.ts";
import { type TokenAuth, toVerifier } from "./patterns-auth.ts";

/** What is limited. More than that is refused with a typed error, and ends nobody's connection. */
export interface PatternsLimits extends LimitOptions {
  /** Clients at the same time; more are refused with `room-full`. */
  readonly maxConnections?: number;
  /** Topics that one client listens to; more are refused with `channel-limit`. */
  readonly maxTopicsPerClient?: number;
  /** Events a second that one client publishes; more are refused with `rate-limited`. */
  readonly messageRateLimit?: number;
}

/** Options of `createServer` that keep their meaning. */
type SharedOptions = Partial<Omit<ServerOptions<RoomTable>, "auth" | "limits" | "httpServer">>;

/** What `RealtimeServerFactory.create` takes: options of `createServer`, and these. */
export interface PatternsServerOptions extends SharedOptions {
  /** `websocket` is what there is. Default `REALTIME_SERVER_TYPE`, or `websocket`. */
  readonly type?: string;
  /** Default 3030. */
  readonly port?: number;
  /** Default `localhost`. */
  readonly host?: string;
  /**
   * In place of a port: an HTTP server that there is already, which keeps its port, or an
   * Atrium server, which keeps everything of its own, its policies and limits included.
   */
  readonly attachTo?: HttpServer | RealtimeServer;
  /** Who is let in: `jwt(…)`, a verifier, or two functions. Absent: everybody, as a guest. */
  readonly auth?: TokenVerifier | TokenAuth;
  readonly limits?: PatternsLimits;
}

/** What `createServer` is to be told. Throws `options-invalid` for what contradicts itself. */
export function toServerOptions(options: PatternsServerOptions): ServerOptions<RoomTable> {
  const { type: _type, port: _port, host: _host, attachTo, auth, limits = {}, ...shared } = options;
  const { maxConnections, maxTopicsPerClient, messageRateLimit, ...others } = limits;
  const verifier = toVerifier(auth);
  const rate = messageRateLimit === undefined ? {} : { publications: messageRateLimit };
  const topics = maxTopicsPerClient === undefined ? {} : { subscriptions: maxTopicsPerClient };
  return {
    rooms: {},
    channels: patterns(),
    ...shared,
    ...(verifier === undefined ? {} : { auth: verifier }),
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(isHttpServer(attachTo) ? { httpServer: attachTo } : {}),
    limits: {
      ...others,
      session: { ...rate, ...topics, ...others.session },
      // One user with many clients may do no more than each of them.
      user: { ...rate, ...others.user },
    },
  };
}

/** Throws `options-invalid` for what an attached server would not heed. */
export function checkAttachment(options: PatternsServerOptions): void {
  const { attachTo, type: _type, ...others } = options;
  if (attachTo === undefined) return;
  const unheeded = isHttpServer(attachTo) ? ["port", "host"] : Object.keys(others);
  for (const name of unheeded) {
    if (others[name as keyof typeof others] === undefined) continue;
    const owner = isHttpServer(attachTo) ? "the HTTP" : "the Atrium";
    throw new SyncError("options-invalid", `${name} is up to ${owner} server of attachTo`);
  }
}

function isHttpServer(attachTo: PatternsServerOptions["attachTo"]): attachTo is HttpServer {
  return attachTo !== undefined && !(attachTo instanceof RealtimeServer);
}

import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../shared/clock.ts";
import type { SyncError, SyncErrorCode } from "../../shared/errors.ts";
import { AddressLimits } from "../limits/address-limits.ts";
import { ConnectionCounts } from "../limits/connection-counts.ts";
import { FrameBudget } from "../limits/frame-budget.ts";
import type { FrameRates, ServerLimits } from "../limits/server-limits.ts";
import type { Logger } from "../logger.ts";
import { parseAddress } from "../transport/peer-address.ts";
import { TrustedProxies } from "../transport/trusted-proxies.ts";
import { hasTokenInUrl } from "../transport/upgrade-request.ts";
import { OriginGuard } from "./origin-guard.ts";

export interface EntranceOptions {
  readonly allowedOrigins?: readonly string[];
  readonly trustedProxies?: readonly string[];
  readonly acceptsQueryTokens?: boolean;
}

/** Why an upgrade is refused: the status line of the answer, and when it may be tried again. */
export interface UpgradeRefusal {
  readonly status: string;
  readonly code: SyncErrorCode;
  readonly retryAfterMs?: number | undefined;
}

const FORBIDDEN: UpgradeRefusal = { status: "403 Forbidden", code: "forbidden-origin" };
const TOO_MANY: UpgradeRefusal = { status: "429 Too Many Requests", code: "rate-limited" };

/** What decides who may ask at all, before anybody looks at what is asked. */
export class Entrance {
  readonly clock: Clock;
  readonly proxies: TrustedProxies;
  readonly origins: OriginGuard;
  readonly addresses: AddressLimits;
  readonly #acceptsQueryTokens: boolean;
  readonly #connectionRates: FrameRates;
  readonly #sockets: ConnectionCounts;

  constructor(options: EntranceOptions, limits: ServerLimits, clock: Clock, logger: Logger) {
    const { allowedOrigins, trustedProxies, acceptsQueryTokens = true } = options;
    this.clock = clock;
    this.proxies = new TrustedProxies(trustedProxies, (peer) => {
      logger.warn(`${peer} forwards for others and is not in trustedProxies: not believed`);
    });
    this.origins = new OriginGuard(allowedOrigins, this.proxies);
    this.addresses = new AddressLimits(limits.address, clock);
    this.#acceptsQueryTokens = acceptsQueryTokens;
    this.#connectionRates = limits.connection;
    // Browsers keep a connection for requests beside each of ours.
    this.#sockets = new ConnectionCounts(limits.address.connections * 2);
  }

  /** Why a connection may not be opened; undefined: it may. `isKnown`: there is a seat for it. */
  refusalOf(request: IncomingMessage, isKnown: boolean): UpgradeRefusal | undefined {
    const { address } = this.proxies.read(request);
    const mayShowToken = this.#acceptsQueryTokens || !hasTokenInUrl(request);
    if (!mayShowToken || !this.origins.allows(request)) return FORBIDDEN;
    if (!this.addresses.connections.hasPlace(address)) return TOO_MANY;
    if (isKnown) return undefined;
    try {
      // Only who guesses at seats is kept out: not everybody else behind the same address.
      this.addresses.checkAttempt(address);
      return undefined;
    } catch (error) {
      const { retryAfterMs } = error as SyncError;
      return { ...TOO_MANY, retryAfterMs };
    }
  }

  /** What one connection may send beside what its room is told. */
  openFrameBudget(): FrameBudget {
    return new FrameBudget(this.#connectionRates);
  }

  /** Cuts connections to our own server beyond the limit of their address. */
  guard(server: HttpServer): void {
    server.on("connection", (socket: Socket) => {
      // A server of both families is told IPv4 addresses inside of IPv6 ones, all of one network.
      const address = parseAddress(socket.remoteAddress ?? "");
      // A proxy has connections for many; those are counted one by one as they are upgraded.
      if (this.proxies.isProxy(address)) return;
      if (this.#sockets.hasPlace(address)) {
        socket.once("close", this.#sockets.enter(address));
      } else {
        socket.destroy();
      }
    });
  }
}

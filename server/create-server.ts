import { randomUUID } from "node:crypto";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server as HttpServer,
} from "node:http";
import { join } from "node:path";
import type { Clock } from "../shared/clock.ts";
import { SyncError } from "../shared/errors.ts";
import { isBuildId } from "../shared/protocol/build-id.ts";
import { HUB_ROOM } from "../shared/protocol/channel-messages.ts";
import {
  DRAIN_MS,
  HTTP_CHECK_INTERVAL_MS,
  HTTP_REQUEST_TIMEOUT_MS,
  JOIN_TIMEOUT_MS,
} from "../shared/limits.ts";
import { systemClock } from "../shared/system-clock.ts";
import { BanList } from "./admin/ban-list.ts";
import { BanningAuthenticator } from "./admin/banning-authenticator.ts";
import { TokenAuthenticator, type Authenticator } from "./auth/authenticator.ts";
import { GuestAuthenticator } from "./auth/guest-authenticator.ts";
import { loadSecretFile } from "./auth/secret-file.ts";
import { SessionExpiry } from "./auth/session-expiry.ts";
import { ChannelAuthority } from "./channels/channel-policy.ts";
import { ChannelHub } from "./channels/channel-hub.ts";
import { HubRoom } from "./channels/hub-room.ts";
import type { LentChannels } from "./channels/room-channels.ts";
import { answerFirst } from "./http/answer-first.ts";
import { ApiKeys } from "./http/api-keys.ts";
import { ChannelRoute } from "./http/channel-route.ts";
import { MatchmakeRoute } from "./http/matchmake-route.ts";
import { Entrance } from "./http/entrance.ts";
import { FrameBudgets } from "./limits/frame-budgets.ts";
import { type ServerLimits, toLimits } from "./limits/server-limits.ts";
import { stderrLogger, type Logger } from "./logger.ts";
import { redactingLogger } from "./logging/redacting-logger.ts";
import { KeyedRooms } from "./matchmaking/keyed-rooms.ts";
import { Matchmaker } from "./matchmaking/matchmaker.ts";
import type { RoomTable } from "./matchmaking/room-table.ts";
import { UserJoins } from "./matchmaking/user-joins.ts";
import { SeatBook } from "./matchmaking/seat-book.ts";
import { RoomKeeper } from "./durability/room-keeper.ts";
import { ownModule } from "./own-module.ts";
import { describeOwner } from "./persistence/room-owner.ts";
import { LateStore } from "./persistence/late-store.ts";
import { toCount } from "./limits/rate.ts";
import { requireNode } from "./node-version.ts";
import type { Meter } from "./metrics/meter.ts";
import { createOperations, type Route } from "./operations.ts";
import { RealtimeServer } from "./realtime-server.ts";
import type { LentParts } from "./rooms/lent-parts.ts";
import { SyncRoom } from "./rooms/sync-room.ts";
import { refuseEndlessInputs } from "./rooms/strict-inputs.ts";
import { sendTypedArraysWhole } from "./rooms/whole-typed-arrays.ts";
import type { ServerOptions } from "./server-options.ts";
import { WorkerBaseWriter } from "./state/worker-base-writer.ts";
import { WebSocketTransport } from "./transport/websocket-transport.ts";

/** Builds a server from its options; `listen()` opens it. The only place that wires parts. */
export function createServer<Rooms extends RoomTable>(
  options: ServerOptions<Rooms>,
): RealtimeServer<Rooms> {
  requireNode();
  sendTypedArraysWhole();
  refuseEndlessInputs();
  const { rooms, clock = systemClock } = options;
  const logger = redactingLogger(options.logger ?? stderrLogger, ownSecrets(options));
  const limits = toLimits(options.limits);
  const baseWriter = new WorkerBaseWriter();
  const { store, hub } = createHub({ ...options, logger }, limits);
  const seats = new SeatBook(clock);
  const entrance = new Entrance(options, limits, clock, logger);
  const { authenticator, bans, prepare: prepareAuth } = createAuthenticator(options);
  const watched = { clock, logger, store, authenticator, bans, entrance };
  const operations = createOperations(options, watched);
  const { meter } = operations;
  const expiry = new SessionExpiry(clock);
  const authenticate = renewSeats(authenticator, seats, expiry);
  const channels = { hub, authenticate };
  const owner = describeOwner(randomUUID());
  const keeper = new RoomKeeper({ store: store.rooms, owner, clock, logger });
  const durability = { take: (roomId: string) => keeper.take(roomId), seats };
  const reports = { clock, logger, meter };
  const frameBudgets = new FrameBudgets(limits);
  const lent: LentParts = { ...reports, durability, baseWriter, limits, frameBudgets, channels };
  const keyedRooms = new KeyedRooms(rooms, keeper);
  const maxSeats = toCount(options.maxConnections ?? Infinity, "maxConnections", 0);
  const users = new UserJoins(limits.user.joins, seats, clock);
  const matchmaker = new Matchmaker({ authenticator, keyedRooms, seats, users, maxSeats });
  const routes = [
    new MatchmakeRoute(matchmaker, entrance, { logger, meter }),
    new ChannelRoute(hub, new ApiKeys(options.apiKeys), entrance, { logger, meter }),
    ...operations.routes,
  ];
  const { httpServer, isShared } = toHttpServer(options, entrance);
  const build = toBuildId(options.build);
  const transport = createTransport({ ...reports, limits, build, entrance, seats, bans, expiry });
  const { serve, watch } = serveOn(httpServer, transport, routes, operations.healthRoutes);
  const prepare = async (): Promise<void> => {
    await prepareAuth();
    await store.open();
  };
  const allRooms = { ...rooms, [HUB_ROOM]: HubRoom };
  const reopen = (): Promise<void> =>
    keyedRooms.reopen((roomId, error) => {
      logger.error(`room ${roomId} not reopened`, error, { roomId });
      meter.recovered("room", false);
    });
  const opening = { prepare, reopen, watch, serve };
  const parts = { lent, seats, hub, store, operations, transport, httpServer, isShared };
  const drainMs = toCount(options.drainMs ?? DRAIN_MS, "drainMs", 0);
  return new RealtimeServer<Rooms>({ ...parts, ...opening, drainMs, rooms: allRooms });
}

/** What the transport asks before it lets a connection in. */
interface Arrivals {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly limits: ServerLimits;
  readonly build: string | undefined;
  readonly entrance: Entrance;
  readonly seats: SeatBook;
  readonly bans: BanList;
  readonly expiry: SessionExpiry;
}

function createTransport(arrivals: Arrivals): WebSocketTransport {
  const { limits, seats, bans, expiry, ...asked } = arrivals;
  return new WebSocketTransport({
    ...asked,
    maxQueuedBytes: limits.connection.queuedBytes,
    findSeat: (sessionId) => {
      const seat = seats.find(sessionId);
      // Stock clients come back without matchmaking, and a ban may come between it and this.
      return seat === undefined || bans.find(seat.user.id) !== undefined ? undefined : seat;
    },
    watchExpiry: (sessionId, seat, onExpired) => expiry.watch(sessionId, seat.expiresAt, onExpired),
    asTickedRoom: (room) => (room instanceof SyncRoom ? room.ticked : undefined),
  });
}

function toBuildId(build: string | undefined): string | undefined {
  if (build === undefined || isBuildId(build)) return build;
  const text = `build "${String(build)}" is not made of 1 to 64 letters, digits, dots, dashes, underscores`;
  throw new SyncError("options-invalid", text);
}

const HTTP_OPTIONS = {
  // Who takes for ever to ask is cut, before it is known what for.
  headersTimeout: JOIN_TIMEOUT_MS,
  requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: HTTP_CHECK_INTERVAL_MS,
  // Java and curl offer HTTP/2 with any request, and are answered as if they had not: from
  // Node 24 on, which asks; older ones take all of them for upgrades.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => /^websocket$/i.test(headers.upgrade!),
};

/** Where requests arrive, and whether it is somebody else's. */
function toHttpServer(
  { http, httpServer }: Pick<ServerOptions<RoomTable>, "http" | "httpServer">,
  entrance: Entrance,
): { httpServer: HttpServer; isShared: boolean } {
  if (httpServer === undefined) {
    const server = createHttpServer(HTTP_OPTIONS, http ?? answerNotFound);
    entrance.guard(server);
    return { httpServer: server, isShared: false };
  }
  if (http === undefined) return { httpServer, isShared: true };
  throw new SyncError("options-invalid", "a shared httpServer answers what http would");
}

/** How the server begins to answer, all of it and about its health alone; both return what ends it. */
function serveOn(
  httpServer: HttpServer,
  transport: WebSocketTransport,
  routes: readonly Route[],
  healthRoutes: readonly Route[],
): Record<"serve" | "watch", () => () => void> {
  const answer = (answering: readonly Route[]): (() => void) =>
    answerFirst(httpServer, (request, response) =>
      answering.some((route) => route.handle(request, response)),
    );
  const serve = (): (() => void) => {
    const stopAnswering = answer(routes);
    const stopUpgrading = transport.serve(httpServer);
    return () => {
      stopAnswering();
      stopUpgrading();
    };
  };
  return { serve, watch: () => answer(healthRoutes) };
}

/** What must never be logged, whoever sends it. */
function ownSecrets({ apiKeys = [], admin, metrics }: ServerOptions<RoomTable>): string[] {
  const metricsKeys = metrics === undefined || metrics === "open" ? [] : metrics.keys;
  return [...apiKeys, ...(admin?.keys ?? []), ...metricsKeys];
}

/** The channels, and the store that keeps what lasts of them and of rooms. */
function createHub(
  options: Pick<ServerOptions<RoomTable>, "store" | "channels" | "clock" | "logger">,
  limits: ServerLimits,
): { store: LateStore; hub: ChannelHub } {
  const { clock = systemClock, logger = stderrLogger, channels = [] } = options;
  const store = new LateStore(options.store ?? "memory:", {
    clock,
    logger,
    maxMessages: limits.retention.messages,
    maxAgeMs: limits.retention.ageMs,
    retentionOf: (topic) => hub.usages.retentionOf(topic),
    compactRoomUrl: ownModule(import.meta.url, "./durability/compact-room"),
  });
  const hub = new ChannelHub(new ChannelAuthority(channels), store, clock, limits);
  return { store, hub };
}

/** Takes a newer token of a user who is here already; a token of somebody else is refused. */
function renewSeats(
  authenticator: Authenticator,
  seats: SeatBook,
  expiry: SessionExpiry,
): LentChannels["authenticate"] {
  return async (client, token) => {
    const { user, expiresAt } = await authenticator.authenticate(token);
    if (user.id !== client.user.id) {
      throw new SyncError("auth-failed", "the token is somebody else's");
    }
    seats.renew(client.sessionId, { user, token, expiresAt });
    expiry.renew(client.sessionId, expiresAt);
    return user;
  };
}

/** Who is let in, and what has to be read before the first of them. */
function createAuthenticator(options: Pick<ServerOptions<RoomTable>, AuthOption>): {
  authenticator: Authenticator;
  bans: BanList;
  prepare: () => Promise<void>;
} {
  const { auth, guestSecret, dataFolder = "data", clock = systemClock } = options;
  const bans = new BanList(join(dataFolder, "bans"), clock);
  if (auth !== undefined) {
    const verifying = new TokenAuthenticator(auth, clock);
    const authenticator = new BanningAuthenticator(verifying, bans);
    return { authenticator, bans, prepare: () => bans.load() };
  }
  const guests = new GuestAuthenticator();
  const prepare = async (): Promise<void> => {
    await bans.load();
    guests.useSecret(guestSecret ?? (await loadSecretFile(join(dataFolder, "guest-secret"))));
  };
  return { authenticator: new BanningAuthenticator(guests, bans), bans, prepare };
}

type AuthOption = "auth" | "clock" | "guestSecret" | "dataFolder";

const answerNotFound: RequestListener = (_request, response) => {
  response.writeHead(404, { "Content-Type": "text/plain" }).end("not found\n");
};

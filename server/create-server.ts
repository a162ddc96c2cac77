import { randomUUID } from "node:crypto";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { SyncError } from "../shared/errors.ts";
import { HUB_ROOM } from "../shared/protocol/channel-messages.ts";
import { systemClock } from "../shared/system-clock.ts";
import { TokenAuthenticator, type Authenticator } from "./auth/authenticator.ts";
import { GuestAuthenticator } from "./auth/guest-authenticator.ts";
import { loadSecretFile } from "./auth/secret-file.ts";
import { SessionExpiry } from "./auth/session-expiry.ts";
import { ChannelAuthority } from "./channels/channel-policy.ts";
import { ChannelHub } from "./channels/channel-hub.ts";
import { HubRoom } from "./channels/hub-room.ts";
import type { ChannelServices } from "./channels/room-channels.ts";
import { answerFirst } from "./http/answer-first.ts";
import { ApiKeys } from "./http/api-keys.ts";
import { ChannelRoute } from "./http/channel-route.ts";
import { MatchmakeRoute } from "./http/matchmake-route.ts";
import { OriginGuard } from "./http/origin-guard.ts";
import { type ServerLimits, toLimits } from "./limits/server-limits.ts";
import { stderrLogger } from "./logger.ts";
import { KeyedRooms } from "./matchmaking/keyed-rooms.ts";
import { Matchmaker } from "./matchmaking/matchmaker.ts";
import type { RoomTable } from "./matchmaking/room-table.ts";
import { SeatBook } from "./matchmaking/seat-book.ts";
import { RoomKeeper } from "./durability/room-keeper.ts";
import { ownModule } from "./own-module.ts";
import { describeOwner } from "./persistence/room-owner.ts";
import { LateStore } from "./persistence/late-store.ts";
import { toCount } from "./limits/rate.ts";
import { requireNode } from "./node-version.ts";
import { noMeter } from "./metrics/meter.ts";
import { RealtimeServer } from "./realtime-server.ts";
import type { RoomServices } from "./rooms/room-services.ts";
import { SyncRoom } from "./rooms/sync-room.ts";
import type { ServerOptions } from "./server-options.ts";
import { WorkerBaseWriter } from "./state/worker-base-writer.ts";
import { hasTokenInUrl } from "./transport/upgrade-request.ts";
import { WebSocketTransport } from "./transport/websocket-transport.ts";

/** Builds a server from its options; `listen()` opens it. The only place that wires parts. */
export function createServer<Rooms extends RoomTable>(
  options: ServerOptions<Rooms>,
): RealtimeServer<Rooms> {
  requireNode();
  const { rooms, clock = systemClock, logger = stderrLogger } = options;
  const limits = toLimits(options.limits);
  const baseWriter = new WorkerBaseWriter();
  const { store, hub } = createHub(options, limits);
  const seats = new SeatBook(clock);
  const origins = new OriginGuard(options.allowedOrigins);
  const { acceptsQueryTokens = true } = options;
  const { authenticator, prepare: prepareAuth } = createAuthenticator(options);
  const expiry = new SessionExpiry(clock);
  const authenticate = renewSeats(authenticator, seats, expiry);
  const channels = { hub, authenticate };
  const owner = describeOwner(randomUUID());
  const keeper = new RoomKeeper({ store: store.rooms, owner, clock, logger });
  const durability = { take: (roomId: string) => keeper.take(roomId), seats };
  const services: RoomServices = {
    clock,
    logger,
    meter: noMeter,
    durability,
    baseWriter,
    limits,
    channels,
  };
  const keyedRooms = new KeyedRooms(rooms, keeper);
  const maxConnections = toCount(options.maxConnections ?? Infinity, "maxConnections", 0);
  const matchmaker = new Matchmaker(authenticator, keyedRooms, seats, maxConnections);
  const routes = [
    new MatchmakeRoute(matchmaker, origins, logger),
    new ChannelRoute(hub, new ApiKeys(options.apiKeys), logger),
  ];

  const isShared = options.httpServer !== undefined;
  if (isShared && options.http !== undefined) {
    throw new SyncError("options-invalid", "a shared httpServer answers what http would");
  }
  const httpServer = options.httpServer ?? createHttpServer(options.http ?? answerNotFound);
  const transport = new WebSocketTransport({
    logger,
    meter: noMeter,
    admits: (request) => origins.allows(request) && (acceptsQueryTokens || !hasTokenInUrl(request)),
    findSeat: (sessionId) => seats.find(sessionId),
    watchExpiry: (sessionId, seat, onExpired) => expiry.watch(sessionId, seat.expiresAt, onExpired),
    asTickedRoom: (room) => (room instanceof SyncRoom ? room.ticked : undefined),
  });
  const serve = (): (() => void) => {
    const stopAnswering = answerFirst(httpServer, (request, response) =>
      routes.some((route) => route.handle(request, response)),
    );
    const stopUpgrading = transport.serve(httpServer);
    return () => {
      stopAnswering();
      stopUpgrading();
    };
  };
  const prepare = async (): Promise<void> => {
    await prepareAuth();
    await store.open();
  };
  const allRooms = { ...rooms, [HUB_ROOM]: HubRoom };
  const reopen = (): Promise<void> =>
    keyedRooms.reopen((roomId, error) => logger.error(`room ${roomId} not reopened`, error));
  const opening = { prepare, reopen, serve };
  const parts = { services, seats, hub, store, transport, httpServer, isShared, ...opening };
  return new RealtimeServer<Rooms>({ ...parts, rooms: allRooms });
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
): ChannelServices["authenticate"] {
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
  prepare: () => Promise<void>;
} {
  const { auth, guestSecret, dataFolder = "data", clock = systemClock } = options;
  if (auth !== undefined) {
    const prepare = (): Promise<void> => Promise.resolve();
    return { authenticator: new TokenAuthenticator(auth, clock), prepare };
  }
  const authenticator = new GuestAuthenticator();
  const prepare = async (): Promise<void> => {
    authenticator.useSecret(
      guestSecret ?? (await loadSecretFile(join(dataFolder, "guest-secret"))),
    );
  };
  return { authenticator, prepare };
}

type AuthOption = "auth" | "clock" | "guestSecret" | "dataFolder";

const answerNotFound: RequestListener = (_request, response) => {
  response.writeHead(404, { "Content-Type": "text/plain" }).end("not found\n");
};

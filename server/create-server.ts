import { createServer as createHttpServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { systemClock } from "../shared/system-clock.ts";
import { TokenAuthenticator, type Authenticator } from "./auth/authenticator.ts";
import { GuestAuthenticator } from "./auth/guest-authenticator.ts";
import { loadSecretFile } from "./auth/secret-file.ts";
import { MatchmakeRoute } from "./http/matchmake-route.ts";
import { OriginGuard } from "./http/origin-guard.ts";
import { stderrLogger } from "./logger.ts";
import { KeyedRooms } from "./matchmaking/keyed-rooms.ts";
import { Matchmaker } from "./matchmaking/matchmaker.ts";
import type { RoomTable } from "./matchmaking/room-table.ts";
import { SeatBook } from "./matchmaking/seat-book.ts";
import { requireNode } from "./node-version.ts";
import { RealtimeServer } from "./realtime-server.ts";
import type { RoomServices } from "./rooms/room-services.ts";
import { SyncRoom } from "./rooms/sync-room.ts";
import type { ServerOptions } from "./server-options.ts";
import { WorkerBaseWriter } from "./state/worker-base-writer.ts";
import { WebSocketTransport } from "./transport/websocket-transport.ts";

/** Builds a server from its options; `listen()` opens it. The only place that wires parts. */
export function createServer<Rooms extends RoomTable>(
  options: ServerOptions<Rooms>,
): RealtimeServer<Rooms> {
  requireNode();
  const { rooms, clock = systemClock, logger = stderrLogger, journal } = options;
  const baseWriter = new WorkerBaseWriter();
  const services: RoomServices = { clock, logger, journal, baseWriter };
  const seats = new SeatBook(clock);
  const origins = new OriginGuard(options.allowedOrigins);
  const { authenticator, prepare } = createAuthenticator(options);
  const matchmaker = new Matchmaker(authenticator, new KeyedRooms(rooms), seats);
  const matchmakeRoute = new MatchmakeRoute(matchmaker, origins, logger);

  const answerOthers = options.http ?? answerNotFound;
  const httpServer = createHttpServer((request, response) => {
    if (!matchmakeRoute.handle(request, response)) answerOthers(request, response);
  });
  const transport = new WebSocketTransport({
    logger,
    allowsOrigin: (request) => origins.allows(request),
    findSeat: (sessionId) => seats.find(sessionId),
    asTickedRoom: (room) => (room instanceof SyncRoom ? room.ticked : undefined),
  });
  transport.serve(httpServer);
  return new RealtimeServer({ rooms, services, seats, transport, httpServer, prepare });
}

/** Who is let in, and what has to be read before the first of them. */
function createAuthenticator(options: Pick<ServerOptions<RoomTable>, AuthOption>): {
  authenticator: Authenticator;
  prepare: () => Promise<void>;
} {
  const { auth, guestSecret, dataFolder = "data" } = options;
  if (auth !== undefined) {
    return { authenticator: new TokenAuthenticator(auth), prepare: () => Promise.resolve() };
  }
  const authenticator = new GuestAuthenticator();
  const prepare = async (): Promise<void> => {
    authenticator.useSecret(
      guestSecret ?? (await loadSecretFile(join(dataFolder, "guest-secret"))),
    );
  };
  return { authenticator, prepare };
}

type AuthOption = "auth" | "guestSecret" | "dataFolder";

const answerNotFound: RequestListener = (_request, response) => {
  response.writeHead(404, { "Content-Type": "text/plain" }).end("not found\n");
};

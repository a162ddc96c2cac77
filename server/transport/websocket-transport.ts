import {
  connectClientToRoom,
  createAuthContext,
  getMessageBytes,
  matchMaker,
  Protocol,
  type AuthContext,
  type Room,
} from "@colyseus/core";
import { WebSocketTransport as ColyseusTransport } from "@colyseus/ws-transport";
import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CLOSE_TIMEOUT_MS, MAX_INBOUND_FRAME_BYTES } from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import {
  HELLO_TYPE,
  type Hello,
  type Identity,
  type RoomStream,
} from "../../shared/protocol/hello.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import type { Logger } from "../logger.ts";
import type { Meter } from "../metrics/meter.ts";
import { parseUpgradeRequest, selectSubprotocol, type UpgradeRequest } from "./upgrade-request.ts";
import { RoomClient, type FrameGate, type Peer } from "./websocket-client.ts";

/** A reserved place in a room. */
export interface Seat {
  readonly user: Identity;
  /** The token that the matchmaking request carried, for a room's own `onAuth`. */
  readonly token: string | undefined;
  /** When that token expires, in milliseconds since the Unix epoch; absent: never. */
  readonly expiresAt?: number | undefined;
  /** Whether a client of ours sits here, which always proves who it is. */
  isOurs?: boolean;
  /** Whether matchmaking has let this very connection in: good for one. */
  isAdmitted?: boolean;
}

/** What the transport needs to know of a room that speaks more than stock Colyseus. */
export interface TickedRoom {
  readonly gate: FrameGate;
  readonly schemaHash: string;
  readonly ticksPerSecond: number;
  readonly hasState: boolean;
  readonly stream: RoomStream | undefined;
}

export interface WebSocketTransportOptions {
  logger: Logger;
  meter: Meter;
  /** Whether who asks may connect at all: pages of other origins may not. */
  admits(request: IncomingMessage): boolean;
  /** Whom a reserved seat was given to. */
  findSeat(sessionId: string): Seat | undefined;
  /** Calls `onExpired` when the seat's token is too old; returns what stops the watch. */
  watchExpiry(sessionId: string, seat: Seat, onExpired: () => void): () => void;
  /** The room as ours, if it is one. */
  asTickedRoom(room: Room | undefined): TickedRoom | undefined;
}

const SOCKET_OPTIONS = {
  noServer: true,
  maxPayload: MAX_INBOUND_FRAME_BYTES,
  // A peer that does not answer a close keeps neither its seat nor a shutdown waiting. The
  // types of `ws` do not know it yet.
  closeTimeout: CLOSE_TIMEOUT_MS,
  handleProtocols: selectSubprotocol,
};

type Heartbeating = WebSocket & { pingCount: number };

/**
 * Colyseus's WebSocket transport with clients of ours: frames wait for the tick, our own
 * client is greeted and its version checked before anything else, and credentials are read
 * from headers rather than from the URL. Attach it to an HTTP server; it owns none.
 */
export class WebSocketTransport extends ColyseusTransport {
  readonly #options: WebSocketTransportOptions;

  constructor(options: WebSocketTransportOptions) {
    super(SOCKET_OPTIONS);
    this.#options = options;
    // The base class registers its own `onConnection` unbound, before fields exist.
    this.wss.removeAllListeners("connection");
    this.wss.on("connection", (socket, request) => {
      void this.#connect(socket as Heartbeating, request);
    });
  }

  /**
   * Takes the upgrades of a server that come for a room; others are left to others. Returns
   * what ends it.
   */
  serve(server: HttpServer): () => void {
    const others = new Set([...server.listeners("upgrade"), ...server.listeners("close")]);
    this.attachToServer(server, { filter: (request) => this.#admits(request) });
    server.on("upgrade", (request, socket) => {
      if (this.#admits(request)) return;
      const isForRoom = parseUpgradeRequest(request) !== undefined;
      // A development server listens for upgrades of its own beside our two listeners.
      if (isForRoom) refuseUpgrade(socket, "403 Forbidden");
      else if (server.listenerCount("upgrade") === 2) refuseUpgrade(socket, "404 Not Found");
    });
    const added = (["upgrade", "close"] as const).flatMap((event) =>
      server.listeners(event).flatMap((each) => (others.has(each) ? [] : [{ event, each }])),
    );
    return () => {
      clearInterval(this.pingInterval);
      for (const { event, each } of added) server.off(event, each as () => void);
    };
  }

  #admits(request: IncomingMessage): boolean {
    return parseUpgradeRequest(request) !== undefined && this.#options.admits(request);
  }

  async #connect(socket: Heartbeating, request: IncomingMessage): Promise<void> {
    // Without a listener an error of one socket, such as a frame that is too large, would
    // end the process. The close that follows is handled by the room.
    socket.on("error", () => {});
    socket.pingCount = 0;
    socket.on("pong", () => {
      socket.pingCount = 0;
    });

    const upgrade = parseUpgradeRequest(request);
    const seat = upgrade && this.#options.findSeat(upgrade.sessionId);
    if (upgrade === undefined || seat === undefined) {
      socket.close(CloseCode.WITH_ERROR, "seat reservation expired");
      return;
    }
    const { sessionId, reconnectionToken } = upgrade;
    const room = matchMaker.getLocalRoomById(upgrade.roomId) as Room | undefined;
    const ticked = this.#options.asTickedRoom(room);
    const client = new RoomClient(
      sessionId,
      socket,
      seat.user,
      ticked?.gate,
      peerOf(request),
      request.socket,
      this.#options.meter,
    );
    // Who only knows a session, which is no secret, is told nothing and changes nothing.
    if (room?.hasReservedSeat(sessionId, reconnectionToken) === true) {
      // A stock client comes back with its reconnection token alone. Ours has just shown who
      // it is to matchmaking; a token that was overheard does not get past here.
      if (seat.isOurs === true && seat.isAdmitted !== true) {
        socket.close(CloseCode.WITH_ERROR, "seat reservation expired");
        return;
      }
      seat.isAdmitted = false;
      seat.isOurs = upgrade.version !== undefined;
      if (!this.#greet(client, upgrade, ticked)) return;
      this.#watchExpiry(client, seat);
    }
    const context = createAuthContext({
      headers: request.headers as Record<string, string>,
      remoteAddress: request.socket.remoteAddress ?? "",
      ...(seat.token === undefined ? {} : { token: seat.token }),
    });
    await this.#enter(client, room, upgrade, context);
  }

  /** Says hello to a client of ours. False when it speaks another version and was closed. */
  #greet(client: RoomClient, upgrade: UpgradeRequest, ticked: TickedRoom | undefined): boolean {
    if (upgrade.version === undefined) return true;
    const schema = ticked?.schemaHash ?? "";
    const hello: Hello = {
      protocol: PROTOCOL_VERSION,
      schema,
      user: client.user,
      ticksPerSecond: ticked?.ticksPerSecond ?? 0,
      hasState: ticked?.hasState ?? true,
      ...(ticked?.stream === undefined ? {} : { stream: ticked.stream }),
    };
    client.write(getMessageBytes.raw(Protocol.ROOM_DATA, HELLO_TYPE, hello));
    const isSameSchema = upgrade.schema === undefined || upgrade.schema === schema;
    if (upgrade.version === PROTOCOL_VERSION && isSameSchema) return true;
    client.ref.close(CloseCode.VERSION_MISMATCH, "a new version is here");
    return false;
  }

  #watchExpiry(client: RoomClient, seat: Seat): void {
    const stop = this.#options.watchExpiry(client.sessionId, seat, () => {
      client.leave(CloseCode.TOKEN_EXPIRED, "the token has expired");
    });
    client.ref.once("close", stop);
  }

  async #enter(
    client: RoomClient,
    room: Room | undefined,
    upgrade: UpgradeRequest,
    context: AuthContext,
  ): Promise<void> {
    const { reconnectionToken, skipHandshake } = upgrade;
    const reportReturn = (isBack: boolean): void => {
      if (reconnectionToken !== undefined) this.#options.meter.recovered("seat", isBack);
    };
    try {
      await connectClientToRoom(room, client, context, {
        skipHandshake,
        ...(reconnectionToken === undefined ? {} : { reconnectionToken }),
      });
      reportReturn(true);
    } catch (error) {
      reportReturn(false);
      this.#options.logger.info(`join of session ${client.sessionId} failed: ${String(error)}`);
      const { code, message } = error as { code?: number; message?: string };
      client.error(code ?? CloseCode.WITH_ERROR, message ?? "join failed", () => {
        client.ref.close(
          reconnectionToken === undefined ? CloseCode.WITH_ERROR : CloseCode.FAILED_TO_RECONNECT,
        );
      });
    }
  }
}

function peerOf({ socket, headers }: IncomingMessage): Peer {
  const { remoteAddress } = socket;
  const userAgent = headers["user-agent"];
  return {
    ...(remoteAddress === undefined ? {} : { ip: remoteAddress }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

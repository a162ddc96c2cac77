import {
  ClientState,
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
import type { Clock } from "../../shared/clock.ts";
import {
  CLOSE_TIMEOUT_MS,
  JOIN_TIMEOUT_MS,
  MAX_INBOUND_FRAME_BYTES,
  MAX_MISSED_PINGS,
  PING_INTERVAL_MS,
} from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import {
  HELLO_TYPE,
  type Hello,
  type Identity,
  type RoomStream,
} from "../../shared/protocol/hello.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import type { Entrance, UpgradeRefusal } from "../http/entrance.ts";
import type { Logger } from "../logger.ts";
import { redactText } from "../logging/redact.ts";
import { isShuttingDown } from "../matchmaking/is-shutting-down.ts";
import type { Meter } from "../metrics/meter.ts";
import { Heartbeat } from "./heartbeat.ts";
import { limitPings } from "./limit-pings.ts";
import type { Origination } from "./trusted-proxies.ts";
import { undoReturn } from "./undo-return.ts";
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
  clock: Clock;
  /** What may wait for each client that does not read. */
  maxQueuedBytes: number;
  /** The pages that belong to this server, if it names them. */
  build: string | undefined;
  /** Decides who may connect at all. */
  entrance: Entrance;
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
  pingInterval: PING_INTERVAL_MS,
  pingMaxRetries: MAX_MISSED_PINGS,
  // A peer that does not answer a close keeps neither its seat nor a shutdown waiting. The
  // types of `ws` do not know it yet.
  closeTimeout: CLOSE_TIMEOUT_MS,
  handleProtocols: selectSubprotocol,
};

const NOT_FOR_ROOM: UpgradeRefusal = { status: "404 Not Found", code: "room-unknown" };
const SHUTTING_DOWN: UpgradeRefusal = { status: "503 Service Unavailable", code: "unreachable" };

/**
 * Colyseus's WebSocket transport with clients of ours: frames wait for the tick, our own
 * client is greeted and its version checked before anything else, and credentials are read
 * from headers rather than from the URL. Attach it to an HTTP server; it owns none.
 */
export class WebSocketTransport extends ColyseusTransport {
  readonly #options: WebSocketTransportOptions;
  readonly #heartbeats = new WeakMap<WebSocket, Heartbeat>();

  constructor(options: WebSocketTransportOptions) {
    super(SOCKET_OPTIONS);
    this.#options = options;
    // The base class registers its own `onConnection` unbound, before fields exist.
    this.wss.removeAllListeners("connection");
    this.wss.on("connection", (socket, request) => {
      void this.#connect(socket, request);
    });
  }

  /**
   * Takes the upgrades of a server that come for a room; others are left to others. Returns
   * what ends it.
   */
  serve(server: HttpServer): () => void {
    const others = new Set([...server.listeners("upgrade"), ...server.listeners("close")]);
    // Asked by the first listener and looked up by the second: an answer may change between.
    const refusals = new WeakMap<IncomingMessage, UpgradeRefusal | undefined>();
    const filter = (request: IncomingMessage): boolean => {
      const refusal = this.#refusalOf(request);
      refusals.set(request, refusal);
      return refusal === undefined;
    };
    this.attachToServer(server, { filter });
    server.on("upgrade", (request, socket) => {
      const refusal = refusals.get(request);
      if (refusal === undefined) return;
      // A development server listens for upgrades of its own beside our two listeners.
      if (refusal !== NOT_FOR_ROOM) this.#options.meter.rejected(refusal.code);
      else if (server.listenerCount("upgrade") > 2) return;
      refuseUpgrade(socket, refusal);
    });
    const added = (["upgrade", "close"] as const).flatMap((event) =>
      server.listeners(event).flatMap((each) => (others.has(each) ? [] : [{ event, each }])),
    );
    return () => {
      clearInterval(this.pingInterval);
      for (const { event, each } of added) server.off(event, each as () => void);
    };
  }

  /** Tells every client that is left to come back later; resolves when none is left. */
  async dismiss(): Promise<void> {
    const closed = [...this.wss.clients].map((socket) => {
      if (socket.readyState === socket.CLOSED) return Promise.resolve();
      const isClosed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.close(CloseCode.SERVER_SHUTDOWN, "the server shuts down");
      return isClosed;
    });
    await Promise.all(closed);
  }

  /** Colyseus's own counts who reads slowly, and so answers late, as dead. */
  protected override autoTerminateUnresponsiveClients(intervalMs: number, maxMissed: number): void {
    this.pingInterval = setInterval(() => {
      for (const socket of this.wss.clients) {
        const missed = this.#heartbeats.get(socket)?.look() ?? 0;
        if (missed < maxMissed) socket.ping();
        else socket.terminate();
      }
    }, intervalMs);
  }

  #refusalOf(request: IncomingMessage): UpgradeRefusal | undefined {
    const upgrade = parseUpgradeRequest(request);
    if (upgrade === undefined) return NOT_FOR_ROOM;
    if (isShuttingDown()) return SHUTTING_DOWN;
    const isKnown = this.#options.findSeat(upgrade.sessionId) !== undefined;
    return this.#options.entrance.refusalOf(request, isKnown);
  }

  async #connect(socket: WebSocket, request: IncomingMessage): Promise<void> {
    // Without a listener an error of one socket, such as a frame that is too large, would
    // end the process. The close that follows is handled by the room.
    socket.on("error", () => {});
    this.#heartbeats.set(socket, new Heartbeat(request.socket));

    const { entrance, clock } = this.#options;
    limitPings(socket, clock, () => entrance.openFrameBudget());
    const origination = entrance.proxies.read(request);
    socket.once("close", entrance.addresses.connections.enter(origination.address));

    const upgrade = parseUpgradeRequest(request);
    const seat = upgrade && this.#options.findSeat(upgrade.sessionId);
    if (upgrade === undefined || seat === undefined) {
      entrance.addresses.noteFailure(origination.address);
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
      peerOf(origination),
      request.socket,
      this.#options.meter,
      this.#options.maxQueuedBytes,
    );
    // Who only knows a session, which is no secret, is told nothing and changes nothing.
    if (room?.hasReservedSeat(sessionId, reconnectionToken) === true) {
      // A stock client comes back with its reconnection token alone. Ours has just shown who
      // it is to matchmaking; a token that was overheard does not get past here.
      if (seat.isOurs === true && seat.isAdmitted !== true) {
        entrance.addresses.noteFailure(origination.address);
        socket.close(CloseCode.WITH_ERROR, "seat reservation expired");
        return;
      }
      seat.isAdmitted = false;
      seat.isOurs = upgrade.version !== undefined;
      if (!this.#greet(client, upgrade, ticked)) return;
      this.#watchExpiry(client, seat);
    } else {
      entrance.addresses.noteFailure(origination.address);
    }
    const context = createAuthContext({
      headers: origination.headers,
      remoteAddress: origination.address ?? "",
      ...(seat.token === undefined ? {} : { token: seat.token }),
    });
    await this.#enter(client, room, upgrade, context);
  }

  /** Says hello to a client of ours. False when it is of another version and was closed. */
  #greet(client: RoomClient, upgrade: UpgradeRequest, ticked: TickedRoom | undefined): boolean {
    if (upgrade.version === undefined) return true;
    const { build } = this.#options;
    const schema = ticked?.schemaHash ?? "";
    const hello: Hello = {
      protocol: PROTOCOL_VERSION,
      schema,
      ...(build === undefined ? {} : { build }),
      user: client.user,
      ticksPerSecond: ticked?.ticksPerSecond ?? 0,
      hasState: ticked?.hasState ?? true,
      ...(ticked?.stream === undefined ? {} : { stream: ticked.stream }),
    };
    client.write(getMessageBytes.raw(Protocol.ROOM_DATA, HELLO_TYPE, hello));
    const isSameSchema = upgrade.schema === undefined || upgrade.schema === schema;
    const isSameBuild = upgrade.build === undefined || upgrade.build === (build ?? upgrade.build);
    if (upgrade.version === PROTOCOL_VERSION && isSameSchema && isSameBuild) return true;
    client.ref.close(CloseCode.VERSION_MISMATCH, "a new version is here");
    return false;
  }

  #watchExpiry(client: RoomClient, seat: Seat): void {
    const stop = this.#options.watchExpiry(client.sessionId, seat, () => {
      client.leave(CloseCode.TOKEN_EXPIRED, "the token has expired");
    });
    client.ref.once("close", stop);
  }

  /** Somebody who never says that it is there is kept messages for, and a seat. */
  #cutUnlessJoined(client: RoomClient, code: CloseCode): void {
    const { ref } = client;
    const stop = this.#options.clock.schedule(JOIN_TIMEOUT_MS, () => {
      // What it says may be here, unread: a loop that was blocked is late for everything.
      setImmediate(() => {
        if (client.state === ClientState.JOINED) return;
        ref.close(code, `not joined within ${JOIN_TIMEOUT_MS} ms`);
      });
    });
    // Called behind the room, which listens already.
    const look = (): void => {
      if (client.state !== ClientState.JOINED) return;
      ref.off("message", look);
      stop();
    };
    ref.on("message", look);
    ref.once("close", stop);
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
    if (reconnectionToken !== undefined) {
      // Before the room, which then decides what becomes of the seat.
      client.ref.once("close", () => undoReturn(client, reconnectionToken));
    }
    const { WITH_ERROR, MAY_TRY_RECONNECT, FAILED_TO_RECONNECT } = CloseCode;
    try {
      await connectClientToRoom(room, client, context, {
        skipHandshake,
        ...(reconnectionToken === undefined ? {} : { reconnectionToken }),
      });
      reportReturn(true);
      this.#cutUnlessJoined(
        client,
        reconnectionToken === undefined ? WITH_ERROR : MAY_TRY_RECONNECT,
      );
    } catch (error) {
      if (isShuttingDown()) {
        // Its room has just closed: the seat is not lost, but in the next process.
        client.ref.close(CloseCode.SERVER_SHUTDOWN, "the server shuts down");
        return;
      }
      reportReturn(false);
      // The words may be the game's own, and repeat what it was given.
      const said = redactText(String(error), [context.token ?? "", reconnectionToken ?? ""]);
      const { roomId, sessionId } = upgrade;
      const fields = { roomId, sessionId, userId: client.user.id };
      this.#options.logger.info(`join of session ${sessionId} failed: ${said}`, fields);
      const { code, message } = error as { code?: number; message?: string };
      client.error(code ?? WITH_ERROR, message ?? "join failed", () => {
        client.ref.close(reconnectionToken === undefined ? WITH_ERROR : FAILED_TO_RECONNECT);
      });
    }
  }
}

function peerOf({ address, headers }: Origination): Peer {
  const userAgent = headers["user-agent"];
  return {
    ...(address === undefined ? {} : { ip: address }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function refuseUpgrade(socket: Duplex, { status, retryAfterMs = 0 }: UpgradeRefusal): void {
  const retry = retryAfterMs > 0 ? `Retry-After: ${Math.ceil(retryAfterMs / 1_000)}\r\n` : "";
  socket.on("error", () => socket.destroy());
  // A peer that keeps its own half open would keep ours as well.
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

import { matchMaker } from "@colyseus/core";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Unsubscribe } from "../shared/emitter.ts";
import type { PublishReceipt } from "../shared/events/publication.ts";
import type { JsonValue } from "../shared/json-text.ts";
import { SyncError } from "../shared/errors.ts";
import { CLOSE_TIMEOUT_MS, LISTEN_BACKLOG, SHUTDOWN_STEP_MS } from "../shared/limits.ts";
import type { ChannelAudience } from "./channels/channel-audience.ts";
import type { ChannelHub, PublishedMessage } from "./channels/channel-hub.ts";
import { checkNames } from "./channels/draft.ts";
import { redirectColyseusLog } from "./colyseus-logger.ts";
import { registerRooms, unregisterRooms, type RoomTable } from "./matchmaking/room-table.ts";
import type { SeatBook } from "./matchmaking/seat-book.ts";
import type { Operations } from "./operations.ts";
import { bindToProcess, releaseFromProcess } from "./process-server.ts";
import type { LateStore } from "./persistence/late-store.ts";
import type { LentParts } from "./rooms/lent-parts.ts";
import { within } from "./within.ts";
import type { WebSocketTransport } from "./transport/websocket-transport.ts";

const DEFAULT_PORT = 2567;

/** What `createServer` wired together. */
export interface ServerParts {
  /** The application's rooms and our own. */
  readonly rooms: RoomTable;
  readonly lent: LentParts;
  readonly seats: SeatBook;
  readonly hub: ChannelHub;
  readonly store: LateStore;
  readonly operations: Operations;
  readonly transport: WebSocketTransport;
  readonly httpServer: HttpServer;
  /** Whether the HTTP server is somebody else's. */
  readonly isShared: boolean;
  /** How long rooms may take to end by themselves. */
  readonly drainMs: number;
  /** Begins to say how the server is; returns what ends it. */
  readonly watch: () => () => void;
  /** Begins to answer requests and upgrades; returns what ends it. */
  readonly serve: () => () => void;
  /** Reads what the server needs before its first request. */
  readonly prepare: () => Promise<void>;
  /** Opens the rooms that somebody may come back to. */
  readonly reopen: () => Promise<void>;
}

/** Rooms behind one port. Its type tells clients which rooms there are. */
export class RealtimeServer<Rooms extends RoomTable = RoomTable> {
  /** Exists for the type checker only; see `shared/room-types.ts`. */
  declare readonly "~rooms": Rooms;
  readonly #parts: ServerParts;
  #closing: Promise<void> | undefined;
  /** Whether Colyseus's matchmaker, of which a process has one, works for us. */
  #hasMatchmaker = false;
  #hasPort = false;
  #stopServing: () => void = () => undefined;
  #stopWatching: () => void = () => undefined;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** Pages, HTTP and WebSocket arrive here. */
  get httpServer(): HttpServer {
    return this.#parts.httpServer;
  }

  /** Publishes a message on a channel, for everybody who subscribed; event `message`. */
  get realtime(): { send(channel: string, message: JsonValue): Promise<PublishReceipt> } {
    return { send: (channel, message) => this.socket.emit("message", message, channel) };
  }

  /**
   * Publishes an event on a channel: the third argument is a channel's name, not a room's. The
   * same `id` again is the same publication, as long as the channel remembers it.
   */
  get socket(): {
    emit(
      event: string,
      data: JsonValue,
      channel: string,
      options?: { readonly id?: string },
    ): Promise<PublishReceipt>;
  } {
    return {
      emit: async (event, data, channel, options = {}) => {
        checkNames({ event, ...options });
        return this.#parts.hub.publish("server", { topic: channel, event, data, ...options });
      },
    };
  }

  /** Who uses channels here, and who comes and goes. */
  get audience(): ChannelAudience {
    return this.#parts.hub.audience;
  }

  /** Calls `listener` for each publication on a channel, whoever published it. */
  onPublication(listener: (publication: PublishedMessage) => void): Unsubscribe {
    return this.#parts.hub.published.on(listener);
  }

  /** The port it listens on; useful after `listen(0)`. */
  get port(): number {
    return (this.httpServer.address() as AddressInfo | null)?.port ?? 0;
  }

  /**
   * Opens the port, 2567 of localhost by default, and resolves when rooms can be joined.
   * Rejects when the port is taken, and with `already-listening` when another server of this
   * process is open: Colyseus has one matchmaker for each process. A shared `httpServer` has
   * a port of its own, and is opened only where one is given here.
   */
  async listen(port?: number, host = "localhost"): Promise<void> {
    if (matchMaker.state === matchMaker.MatchMakerState.READY) {
      throw new SyncError("already-listening", "a server of this process is open already");
    }
    const { isShared, operations } = this.#parts;
    this.#stopWatching = this.#parts.watch();
    try {
      await this.#openRooms();
      if (!isShared || port !== undefined) await this.#openPort(port ?? DEFAULT_PORT, host);
      bindToProcess(this);
      operations.start();
      operations.health.opened();
    } catch (error) {
      this.#stopWatching();
      this.#stopServing();
      await this.#closeRooms();
      throw error;
    }
  }

  /**
   * Takes no new joins, lets every room finish its tick, tells clients to come back later
   * and closes the port that `listen` opened. Calling it again waits for the same end. Whoever
   * does not end by itself, a room or a client, is not waited for longer than `drainMs`.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { transport, lent, hub, store, operations } = this.#parts;
    operations.health.closing();
    releaseFromProcess(this);
    await this.#closeRooms();
    this.#stopServing();
    transport.shutdown();
    await this.#finish("worker", lent.baseWriter.close());
    await this.#finish("channels", hub.close());
    await this.#finish("store", store.close());
    operations.stop();
    this.#stopWatching();
    if (this.#parts.isShared && !this.#hasPort) return;
    const closed = new Promise<void>((resolve) => this.httpServer.close(() => resolve()));
    this.httpServer.closeAllConnections();
    await this.#finish("port", closed);
  }

  async #finish(what: string, closing: Promise<void>): Promise<void> {
    const { clock, logger } = this.#parts.lent;
    const isDone = await within(clock, SHUTDOWN_STEP_MS, closing);
    if (!isDone)
      logger.error(`closing the ${what} took over ${SHUTDOWN_STEP_MS} ms: left as it is`);
  }

  async #openRooms(): Promise<void> {
    const { rooms, lent, seats, operations, prepare, reopen, serve } = this.#parts;
    await prepare();
    redirectColyseusLog(lent.logger);
    this.#hasMatchmaker = true;
    registerRooms(rooms, lent, seats, operations.rooms);
    await matchMaker.setup();
    await matchMaker.accept();
    await reopen();
    this.#stopServing = serve();
  }

  #openPort(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.httpServer.once("error", reject);
      this.httpServer.listen({ port, host, backlog: LISTEN_BACKLOG }, () => {
        this.httpServer.off("error", reject);
        this.#hasPort = true;
        resolve();
      });
    });
  }

  async #closeRooms(): Promise<void> {
    if (!this.#hasMatchmaker) return;
    this.#hasMatchmaker = false;
    const { lent, transport, operations, drainMs, rooms } = this.#parts;
    const { clock, logger } = lent;
    if (!(await within(clock, drainMs, matchMaker.gracefullyShutdown()))) {
      const names = [...operations.rooms].map(({ roomName, roomId }) => `${roomName}/${roomId}`);
      logger.error(`not closed within ${drainMs} ms: ${names.join(", ")}`);
      await within(clock, CLOSE_TIMEOUT_MS + SHUTDOWN_STEP_MS, transport.dismiss());
    }
    unregisterRooms(rooms);
  }
}

import { matchMaker } from "@colyseus/core";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SyncError } from "../shared/errors.ts";
import { redirectColyseusLog } from "./colyseus-logger.ts";
import { registerRooms, unregisterRooms, type RoomTable } from "./matchmaking/room-table.ts";
import type { SeatBook } from "./matchmaking/seat-book.ts";
import type { RoomServices } from "./rooms/room-services.ts";
import type { WebSocketTransport } from "./transport/websocket-transport.ts";

/** What `createServer` wired together. */
export interface ServerParts<Rooms> {
  readonly rooms: Rooms;
  readonly services: RoomServices;
  readonly seats: SeatBook;
  readonly transport: WebSocketTransport;
  readonly httpServer: HttpServer;
  /** Reads what the server needs before its first request. */
  readonly prepare: () => Promise<void>;
}

/** Rooms behind one port. Its type tells clients which rooms there are. */
export class RealtimeServer<Rooms extends RoomTable = RoomTable> {
  /** Exists for the type checker only; see `shared/room-types.ts`. */
  declare readonly "~rooms": Rooms;
  readonly #parts: ServerParts<Rooms>;
  #closing: Promise<void> | undefined;

  constructor(parts: ServerParts<Rooms>) {
    this.#parts = parts;
  }

  /** Pages, HTTP and WebSocket arrive here. */
  get httpServer(): HttpServer {
    return this.#parts.httpServer;
  }

  /** The port it listens on; useful after `listen(0)`. */
  get port(): number {
    return (this.httpServer.address() as AddressInfo | null)?.port ?? 0;
  }

  /**
   * Opens the port and resolves when rooms can be joined. Rejects when the port is taken,
   * and with `already-listening` when another server of this process is open: Colyseus has
   * one matchmaker for each process.
   */
  async listen(port = 2567, host = "localhost"): Promise<void> {
    if (matchMaker.state === matchMaker.MatchMakerState.READY) {
      throw new SyncError("already-listening", "a server of this process is open already");
    }
    const { rooms, services, seats, prepare } = this.#parts;
    await prepare();
    redirectColyseusLog(services.logger);
    registerRooms(rooms, services, seats);
    await matchMaker.setup();
    await matchMaker.accept();
    await new Promise<void>((resolve, reject) => {
      this.httpServer.once("error", reject);
      this.httpServer.listen(port, host, () => {
        this.httpServer.off("error", reject);
        resolve();
      });
    });
  }

  /**
   * Takes no new joins, lets every room finish its tick, tells clients to come back later
   * and closes the port. Calling it again waits for the same end.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { rooms, transport, services } = this.#parts;
    if (matchMaker.state !== undefined) await matchMaker.gracefullyShutdown();
    unregisterRooms(rooms);
    transport.shutdown();
    await services.baseWriter.close();
    const closed = new Promise<void>((resolve) => this.httpServer.close(() => resolve()));
    this.httpServer.closeAllConnections();
    await closed;
  }
}

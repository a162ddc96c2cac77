import { Room, Server } from "@colyseus/core";
import { Encoder } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { createServer } from "../../../server/create-server.ts";
import { silentLogger } from "../../../server/logger.ts";
import { SyncRoom } from "../../../server/rooms/sync-room.ts";
import { answerParent } from "../child-program.ts";
import { createBoard, type BoardKind, type GridBoard } from "./boards.ts";
import { PICTURES, type PictureName } from "./pictures.ts";

// A server of its own with one board: ours, or stock Colyseus with an ArraySchema. Says what
// its main thread has used.
const [kind, pictureName] = process.argv.slice(2) as [BoardKind, PictureName];
const picture = PICTURES[pictureName]();

/** A cell that a client wants to change. */
type Cell = [index: number, value: number];

class GridRoom extends SyncRoom<{ state: GridBoard }> {
  readonly #board = createBoard("grid", picture);
  override state = this.#board.state as GridBoard;
  override messages = {
    place: (_client: unknown, [index, value]: Cell) => this.#board.set(index, value),
  };
}

class ArrayRoom extends Room {
  readonly #board = createBoard("array", picture);
  override state = this.#board.state;
  override messages = {
    place: (_client: unknown, [index, value]: Cell) => this.#board.set(index, value),
  };
}

async function listen(): Promise<number> {
  if (kind === "grid") {
    const server = createServer({
      rooms: { board: GridRoom },
      logger: silentLogger,
      guestSecret: new Uint8Array(32).fill(7),
    });
    await server.listen(0, "127.0.0.1");
    return server.port;
  }
  // As its documentation asks for: room for the largest full state, or it is encoded twice.
  Encoder.BUFFER_SIZE = 32_000_000;
  const transport = new WebSocketTransport();
  const server = new Server({ transport, greet: false, gracefullyShutdown: false });
  server.define("board", ArrayRoom);
  await server.listen(0, "127.0.0.1");
  const address = transport.server?.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

answerParent({
  listen,
  /** Milliseconds of CPU that this thread has used, and the whole process with it. */
  usage: () => {
    const thread = process.threadCpuUsage();
    const whole = process.cpuUsage();
    return {
      mainThreadMs: (thread.user + thread.system) / 1_000,
      processMs: (whole.user + whole.system) / 1_000,
      at: performance.now(),
    };
  },
});

import { Room, Server, type Client } from "@colyseus/core";
import { Encoder, schema, t, type SchemaType } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { answerParent } from "../../bench/child-program.ts";
import { digestOf } from "../../support/stock-client-process.ts";
import type { FlowReport } from "../rooms/flowing-room.ts";
import type { Held, Uncaught } from "../rooms/room-server-program.ts";
import { silenceConsole } from "./silence-console.ts";

// Stock Colyseus under the same faults, with rooms as its documentation has them.
// Its encoder overflows at 8 KB, and says so, unless it is told how large states get.
Encoder.BUFFER_SIZE = 4 * 1_048_576;
const SEAT_GRACE_SECONDS = 20;
const TICK_MS = 50;
const TEXTS = 4;

const Tally = schema({ marks: t.map("uint8"), order: t.uint32().default(0) }, "StockTally");
const Flow = schema({ at: t.float64().default(0), texts: t.map("string") }, "StockFlow");

abstract class SeatedRoom<State extends object> extends Room<{ state: State }> {
  override onDrop(client: Client): void {
    this.allowReconnection(client, SEAT_GRACE_SECONDS).then(undefined, () => undefined);
  }
}

class TallyRoom extends SeatedRoom<SchemaType<typeof Tally>> {
  override state = new Tally();
  override patchRate = TICK_MS;

  override onCreate(): void {
    this.onMessage("mark", (_client: Client, mark: string) => {
      this.state.marks.set(mark, (this.state.marks.get(mark) ?? 0) + 1);
      this.state.order += 1;
      this.broadcast("marked", this.state.order);
      return this.state.order;
    });
  }
}

class FlowRoom extends SeatedRoom<SchemaType<typeof Flow>> {
  override state = new Flow();
  override patchRate = TICK_MS;
  readonly #peaks: Record<string, number> = {};
  #bytesPerTick = 0;
  #ticks = 0;

  override onCreate(): void {
    this.onMessage("flow", (_client: Client, bytes: number) => void (this.#bytesPerTick = bytes));
    this.onMessage("report", (): FlowReport => ({ peaks: this.#peaks, slow: [] }));
    this.onMessage("digest", () => digestOf(this.state));
    this.setSimulationInterval(() => this.#flow(), TICK_MS);
  }

  #flow(): void {
    for (const { sessionId, ref } of this.clients) {
      const { bufferedAmount } = ref as unknown as { bufferedAmount: number };
      this.#peaks[sessionId] = Math.max(this.#peaks[sessionId] ?? 0, bufferedAmount);
    }
    if (this.#bytesPerTick === 0) return;
    this.#ticks += 1;
    const letter = String.fromCodePoint(97 + (this.#ticks % 26));
    this.state.texts.set(`${this.#ticks % TEXTS}`, letter.repeat(this.#bytesPerTick));
    this.state.at = Date.now();
  }
}

/** Takes every kind of message, and counts aloud. */
class OpenRoom extends SeatedRoom<SchemaType<typeof Tally>> {
  override state = new Tally();
  #count = 0;

  override onCreate(): void {
    this.onMessage("echo", (_client: Client, payload: unknown) => payload);
    this.onMessage("stock", (_client: Client, payload: unknown) => typeof payload);
    this.setSimulationInterval(() => this.broadcast("count", (this.#count += 1)), 20);
  }
}

silenceConsole();
const uncaught = { rejections: 0, exceptions: 0 };

async function listen({ port }: { port: number }): Promise<number> {
  const server = new Server({ transport: new WebSocketTransport(), greet: false });
  server.define("tally", TallyRoom).filterBy(["key"]);
  server.define("flowing", FlowRoom);
  server.define("open", OpenRoom);
  await server.listen(port, "127.0.0.1");
  const http = (server.transport as unknown as { server: { address(): { port: number } } }).server;
  return http.address().port;
}

function held(): Held {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { bytes: heapUsed + external, handles: 0, timers: 0 };
}

answerParent({
  listen,
  held,
  /** Counts what would otherwise end the process. */
  watchUncaught: () => {
    process.on("unhandledRejection", () => (uncaught.rejections += 1));
    process.on("uncaughtException", () => (uncaught.exceptions += 1));
  },
  uncaught: (): Uncaught => uncaught,
});

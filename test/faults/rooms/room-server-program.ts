import { matchMaker } from "@colyseus/core";
import { getActiveResourcesInfo } from "node:process";
import { createServer } from "../../../server/create-server.ts";
import { silentLogger } from "../../../server/logger.ts";
import type { LimitOptions } from "../../../server/limits/server-limits.ts";
import { SqliteStore } from "../../../server/persistence/sqlite-store.ts";
import { systemClock } from "../../../shared/system-clock.ts";
import { answerParent } from "../../bench/child-program.ts";
import { BreakableStore } from "../support/breakable-store.ts";
import { COUNTED_CHANNEL } from "./bystander.ts";
import { FlowingRoom } from "./flowing-room.ts";
import { OpenRoom } from "./open-room.ts";
import { tallyRooms } from "./tally-room.ts";

/** How a trial wants its server. */
export interface RoomServerOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** SQLite file. */
  readonly path: string;
  /** How large it may grow, as on a disk that is full then. */
  readonly maxFileBytes?: number;
  readonly limits?: LimitOptions;
}

/** One room as the server lists it. */
export interface ListedRoom {
  readonly roomId: string;
  readonly clients: number;
}

/** What the process holds on to, after a collection of its garbage. */
export interface Held {
  readonly bytes: number;
  /** Sockets, servers and the like. */
  readonly handles: number;
  readonly timers: number;
}

/** What nobody took care of. */
export interface Uncaught {
  readonly rejections: number;
  readonly exceptions: number;
}

// A server of rooms in a process of its own, which a trial kills, stops or troubles.
export const rooms = { ...tallyRooms, flowing: FlowingRoom, open: OpenRoom };
const COUNT_EVERY_MS = 20;
let server: ReturnType<typeof createServer<typeof rooms>>;
let store: BreakableStore;
let counting: NodeJS.Timeout | undefined;
let aheadMs = 0;
const uncaught = { rejections: 0, exceptions: 0 };
process.on("unhandledRejection", () => (uncaught.rejections += 1));
process.on("uncaughtException", () => (uncaught.exceptions += 1));
const clock = { now: () => systemClock.now() + aheadMs, schedule: systemClock.schedule };

async function listen({ port, path, maxFileBytes, limits }: RoomServerOptions): Promise<number> {
  const compactRoomUrl = new URL("../../../server/durability/compact-room.ts", import.meta.url);
  const bounds = maxFileBytes === undefined ? {} : { maxFileBytes };
  const file = new SqliteStore(path, { clock, logger: silentLogger, compactRoomUrl, ...bounds });
  store = new BreakableStore(file);
  server = createServer({
    rooms,
    store,
    channels: [{ pattern: "faults/*", publish: true }],
    guestSecret: new Uint8Array(32).fill(7),
    logger: silentLogger,
    clock,
    ...(limits === undefined ? {} : { limits }),
  });
  await server.listen(port, "127.0.0.1");
  let count = 0;
  counting = setInterval(() => {
    count += 1;
    void server.socket.emit("message", count, COUNTED_CHANNEL);
  }, COUNT_EVERY_MS);
  return server.port;
}

async function listRooms(): Promise<ListedRoom[]> {
  const listed = await matchMaker.query({});
  return listed.map(({ roomId, clients }) => ({ roomId, clients }));
}

function held(): Held {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const resources = getActiveResourcesInfo();
  const timers = resources.filter((name) => name === "Timeout" || name === "Immediate").length;
  return { bytes: heapUsed + external, handles: resources.length - timers, timers };
}

process.once("SIGTERM", () => {
  clearInterval(counting);
  void server.close().then(() => process.exit(0));
});

answerParent({
  listen,
  listRooms,
  held,
  /** Nothing of this process runs for so long. */
  block: (durationMs: number) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
  },
  /** Sets the server's clock, not that of its timers. */
  jump: (byMs: number) => (aheadMs += byMs),
  breakStore: (isBroken: boolean) => (store.isBroken = isBroken),
  uncaught: () => uncaught,
});

import { SeededRandom } from "../../support/seeded-random.ts";
import { answerParent } from "../child-program.ts";
import { median } from "../figures.ts";
import { BoardClient, type Joined } from "./board-client.ts";
import type { BoardKind } from "./boards.ts";
import { SHAPE } from "./pictures.ts";

// Everybody who uses the server of a bench: a few who paint all the time, and joiners, each
// of whom leaves as soon as it has its first state.
const PAINTERS = 4;
const CELLS_PER_SECOND = 333;
const PAINT_EVERY_MS = 12;

const random = new SeededRandom(11);
let server: { port: number; kind: BoardKind };
let last: Joined;

async function paint(to: typeof server): Promise<void> {
  server = to;
  const painters: BoardClient[] = [];
  while (painters.length < PAINTERS) painters.push((await join()).client);
  let painted = 0;
  const startedAt = performance.now();
  setInterval(() => {
    const due = ((performance.now() - startedAt) * CELLS_PER_SECOND) / 1_000;
    for (; painted < due; painted++) {
      const index = random.integer(0, SHAPE.width * SHAPE.height - 1);
      random.pick(painters).place(index, random.integer(0, SHAPE.colors - 1));
    }
  }, PAINT_EVERY_MS);
}

async function join(): ReturnType<typeof BoardClient.join> {
  const joining = await BoardClient.join(server.port, server.kind);
  last = joining.joined;
  return joining;
}

export interface JoinReport {
  joins: number;
  bytes: number;
  /** From the first request to the state, of the middle and the slowest joiner. */
  medianMs: number;
  slowestMs: number;
}

async function joinFor(load: { perSecond: number; durationMs: number }): Promise<JoinReport> {
  const count = Math.round((load.perSecond * load.durationMs) / 1_000);
  const startedAt = performance.now();
  const joins = Array.from({ length: count }, async (_, at) => {
    const dueMs = startedAt + (at * 1_000) / load.perSecond - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    const askedAt = performance.now();
    const { client, joined } = await join();
    client.leave();
    return { bytes: joined.frame.length, tookMs: performance.now() - askedAt };
  });
  const all = await Promise.all(joins);
  return {
    joins: count,
    bytes: median(all.map(({ bytes }) => bytes)),
    medianMs: median(all.map(({ tookMs }) => tookMs)),
    slowestMs: Math.max(...all.map(({ tookMs }) => tookMs)),
  };
}

answerParent({
  paint,
  joinFor,
  lastJoin: () => last,
  pause: (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs)),
});

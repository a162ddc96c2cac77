import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { silentLogger } from "../../server/logger.ts";
import type { Durability } from "../../server/persistence/durability.ts";
import type { RoomClaim } from "../../server/persistence/room-store.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { manyBytes, openRoom, recordOf } from "../support/room-records.ts";
import { BenchReport, median, type Figure } from "./figures.ts";

// What it takes until ticks of 1 KB are saved in a SQLite file, next to the bare rows: one
// room's, 100 rooms' of one turn of the event loop, and the same while a large room is
// compacted.
const ROUNDS = Number(process.argv.find((arg) => arg.startsWith("--rounds="))?.slice(9) ?? 3);
const ROOMS = 100;
const TURNS = 400;
const LARGE_ROOM_BYTES = 16 * 1_048_576;
const bytes = manyBytes(1_024);
const folder = await mkdtemp(join(tmpdir(), "atrium-bench-"));
const report = new BenchReport("bare rows");

function percentile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]!;
}

interface Times {
  readonly median: number;
  readonly p99: number;
}

const summarize = (times: readonly number[]): Times => ({
  median: median(times),
  p99: percentile(times, 0.99),
});

/** The same bytes into one table, one transaction a turn. */
function measureBare(name: string, synchronous: string, rooms: number): Times {
  using db = new DatabaseSync(join(folder, `${name}.db`));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};
    CREATE TABLE ticks (room INTEGER, tick INTEGER, bytes BLOB, UNIQUE (room, tick))`);
  const insert = db.prepare("INSERT INTO ticks VALUES (?, ?, ?)");
  const times: number[] = [];
  for (let tick = 1; tick <= TURNS; tick += 1) {
    const startedAt = performance.now();
    db.exec("BEGIN IMMEDIATE");
    for (let room = 0; room < rooms; room += 1) insert.run(room, tick, bytes);
    db.exec("COMMIT");
    times.push(performance.now() - startedAt);
  }
  return summarize(times);
}

class Rooms {
  readonly store: SqliteStore;
  readonly claims: RoomClaim[] = [];
  #tick = 0;

  constructor(name: string, durability: Durability) {
    const compactRoomUrl = new URL("../support/joining-compact-room.ts", import.meta.url);
    const options = { clock: systemClock, logger: silentLogger, durability, compactRoomUrl };
    this.store = new SqliteStore(join(folder, `${name}.db`), options);
  }

  async open(): Promise<void> {
    for (let room = 0; room < ROOMS; room += 1) {
      this.claims.push(await openRoom(this.store.rooms, `room-${room}`));
    }
  }

  /** Milliseconds until every one of the rooms was told that its tick is saved. */
  async saveTurn(rooms: number): Promise<number> {
    this.#tick += 1;
    const record = recordOf(this.#tick, { bytes });
    const startedAt = performance.now();
    const claims = this.claims.slice(0, rooms);
    await Promise.all(claims.map((claim) => this.store.rooms.appendTick(claim, record)));
    return performance.now() - startedAt;
  }
}

async function measureTurns(name: string, durability: Durability, rooms: number): Promise<Times> {
  const saving = new Rooms(name, durability);
  await saving.open();
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) times.push(await saving.saveTurn(rooms));
  await saving.store.close();
  return summarize(times);
}

/** Turns of all rooms, 50 ms apart, while one room more is compacted. */
async function measureCompaction(name: string): Promise<Times & { stallMs: number; ms: number }> {
  const saving = new Rooms(name, "process-crash");
  await saving.open();
  const { rooms } = saving.store;
  const large = await openRoom(rooms, "large");
  await rooms.saveSnapshot(large, recordOf(1, { bytes: manyBytes(LARGE_ROOM_BYTES) }));
  await rooms.appendTick(large, recordOf(2));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const times: number[] = [];
  const compaction = { isDone: false };
  const startedAt = performance.now();
  delay.enable();
  const compacting = rooms.compactRoom(large).finally(() => (compaction.isDone = true));
  while (!compaction.isDone) {
    times.push(await saving.saveTurn(ROOMS));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await compacting;
  delay.disable();
  const ms = performance.now() - startedAt;
  await saving.store.close();
  return { ...summarize(times), stallMs: delay.max / 1e6, ms };
}

const measured = new Map<string, { unit: string; values: number[]; baselines: number[] }>();

function note(figure: string, value: number, baseline: number): void {
  const known = measured.get(figure) ?? { unit: "ms", values: [], baselines: [] };
  known.values.push(value);
  known.baselines.push(baseline);
  measured.set(figure, known);
}

report.machine();
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [durability, synchronous] of [
    ["process-crash", "NORMAL"],
    ["power-loss", "FULL"],
  ] as const) {
    for (const rooms of [1, ROOMS]) {
      const name = `${durability}-${rooms}-${round}`;
      const bare = measureBare(`bare-${name}`, synchronous, rooms);
      const ours = await measureTurns(name, durability, rooms);
      note(`${durability}, ${rooms} room(s), median`, ours.median, bare.median);
      note(`${durability}, ${rooms} room(s), p99`, ours.p99, bare.p99);
    }
  }
  const busy = await measureCompaction(`compaction-${round}`);
  const bare = measureBare(`bare-compaction-${round}`, "NORMAL", ROOMS);
  note(`${ROOMS} rooms beside a compaction of 16 MiB, median`, busy.median, bare.median);
  note(`${ROOMS} rooms beside a compaction of 16 MiB, p99`, busy.p99, bare.p99);
  note("longest stall of the event loop meanwhile", busy.stallMs, bare.p99);
  note("that compaction", busy.ms, bare.p99);
}
const figures: Figure[] = [...measured].map(([figure, { unit, values, baselines }]) => ({
  bench: "durable-ticks",
  figure,
  unit,
  values,
  baselines,
}));
report.table(figures);
report.json(figures);
await rm(folder, { recursive: true, force: true });

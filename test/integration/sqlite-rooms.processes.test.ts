import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLogger } from "../../server/logger.ts";
import { describeOwner } from "../../server/persistence/room-owner.ts";
import type { RoomStore } from "../../server/persistence/room-store.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import type { Clock } from "../../shared/clock.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { COMPACT_ROOM_URL } from "../contracts/room-store-contract.ts";
import { joinBytes } from "../support/joining-compact-room.ts";
import { appendTicks, manyBytes, openRoom, recordOf } from "../support/room-records.ts";
import { RunningProgram } from "../support/running-program.ts";
import { useSeededRandom } from "../support/seeded-random.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const WRITER = join(import.meta.dirname, "../support/room-writer-program.ts");
const mine = describeOwner("the test");

/** The last tick of each room that the writer was told is saved. */
function acknowledged(output: string): Map<string, number> {
  const last = new Map<string, number>();
  // The last line may be half of one.
  for (const line of output.split("\n").slice(0, -1)) {
    const [, room, tick] = /^saved (\S+) (\d+)$/.exec(line) ?? [];
    if (room !== undefined) last.set(room, Number(tick));
  }
  return last;
}

/** Asserts that the room is every tick from 1 on, and returns the number of the last. */
async function checkUnbroken(rooms: RoomStore, roomId: string): Promise<number> {
  const { snapshot, ticks, isWhole } = (await rooms.loadRoom(roomId))!;
  const records = snapshot === undefined ? ticks : [snapshot, ...ticks];
  const last = records.at(-1)?.tick ?? 0;
  const expected = Array.from({ length: last }, (_, index) => recordOf(index + 1).bytes);
  assert.deepEqual(joinBytes(records.map(({ bytes }) => bytes)), joinBytes(expected));
  assert.equal(isWhole, true);
  return last;
}

/**
 * Stops a process while it writes nothing: one that is stopped within a transaction keeps the
 * file from everybody until it goes on.
 */
async function stopBetweenWrites(processId: number, path: string): Promise<void> {
  using db = new DatabaseSync(path);
  await waitUntil(() => {
    process.kill(processId, "SIGSTOP");
    try {
      db.exec("BEGIN IMMEDIATE; ROLLBACK");
      return true;
    } catch {
      process.kill(processId, "SIGCONT");
      return false;
    }
  });
}

describe("processes that share the file of a SqliteStore", () => {
  const folder = useTemporaryFolder();
  const random = useSeededRandom();
  let files = 0;
  let path: string;
  beforeEach(() => {
    files += 1;
    path = join(folder(), `shared-${files}.db`);
  });

  const open = (clock: Clock = systemClock): SqliteStore =>
    new SqliteStore(path, { clock, logger: silentLogger, compactRoomUrl: COMPACT_ROOM_URL });
  const startWriter = (rooms: number, compactEvery: number): RunningProgram =>
    new RunningProgram(process.execPath, [WRITER, path, String(rooms), String(compactEvery)]);

  it("lose nothing acknowledged when one is killed at any moment, and go on at once", async () => {
    let earlier = 0;
    for (let round = 0; round < 4; round += 1) {
      await using writer = startWriter(3, 20);
      const target = earlier + random().integer(1, 400);
      await waitUntil(() => (acknowledged(writer.output).get("room-1") ?? 0) >= target, {
        timeoutMs: 20_000,
        what: `tick ${target} acknowledged`,
      });
      await writer.stop("SIGKILL");
      await using store = open();
      for (const [room, tick] of acknowledged(writer.output)) {
        const last = await checkUnbroken(store.rooms, room);
        assert.ok(last >= tick, `${room} ends at ${last}, but ${tick} was acknowledged`);
        if (room === "room-1") earlier = last;
        // The owner is gone: nobody waits for its lease to end.
        const claim = await store.rooms.claimRoom(room, mine);
        await store.rooms.releaseClaim(claim);
      }
    }
  });

  it("have one owner of a room: who was stopped meanwhile is refused every write", async () => {
    await using writer = startWriter(1, 1_000_000);
    await writer.waitForOutput(/^saved room-0 20$/);
    const processId = Number((await writer.waitForOutput(/^process \d+$/)).slice(8));
    await stopBetweenWrites(processId, path);
    await using early = open();
    await assert.rejects(early.rooms.claimRoom("room-0", mine), { code: "room-claimed" });
    // Half a minute later, and the owner has not been able to renew anything.
    const later: Clock = { ...systemClock, now: () => systemClock.now() + 30_000 };
    await using store = open(later);
    const claim = await store.rooms.claimRoom("room-0", mine);
    const last = await checkUnbroken(store.rooms, "room-0");
    await appendTicks(store.rooms, claim, last + 1, last + 5);
    process.kill(processId, "SIGCONT");
    await writer.waitForOutput(/^refused room-lost$/);
    assert.equal(await checkUnbroken(store.rooms, "room-0"), last + 5);
    assert.ok(acknowledged(writer.output).get("room-0")! <= last);
    await appendTicks(store.rooms, claim, last + 6, last + 9);
  });

  it("leave the old snapshot in force when one is killed while it writes the next", async () => {
    const large = manyBytes(16 * 1_048_576);
    const first = open();
    const made = await openRoom(first.rooms, "room-0");
    await first.rooms.saveSnapshot(made, recordOf(1, { bytes: large }));
    await appendTicks(first.rooms, made, 2, 9);
    await first.rooms.releaseClaim(made);
    await first.close();
    const writer = startWriter(1, 10);
    using watcher = new DatabaseSync(path, { readOnly: true });
    const unfinished = watcher.prepare(`
      SELECT count(*) AS chunks FROM room_chunks WHERE snapshot IN (
        SELECT number FROM room_snapshots WHERE is_complete = 0)`);
    const countUnfinished = (): number => Number(unfinished.get()?.["chunks"]);
    await waitUntil(() => countUnfinished() > 2, { timeoutMs: 20_000 });
    await writer.stop("SIGKILL");
    assert.ok(countUnfinished() > 2);
    await using store = open();
    const saved = (await store.rooms.loadRoom("room-0"))!;
    assert.deepEqual([saved.snapshot?.tick, saved.isWhole], [1, true]);
    const last = saved.ticks.at(-1)!.tick;
    assert.ok(last >= acknowledged(writer.output).get("room-0")!);
    const claim = await store.rooms.claimRoom("room-0", mine);
    await store.rooms.compactRoom(claim);
    const compacted = (await store.rooms.loadRoom("room-0"))!;
    const bytes = [large, ...saved.ticks.map((tick) => tick.bytes)];
    assert.deepEqual(compacted.snapshot, { tick: last, bytes: joinBytes(bytes) });
    assert.equal(countUnfinished(), 0);
  });

  it("abort a compaction whose room another took, which drops nothing", async () => {
    const large = manyBytes(16 * 1_048_576);
    await using slow = open();
    const claim = await openRoom(slow.rooms);
    await slow.rooms.saveSnapshot(claim, recordOf(1, { bytes: large }));
    await slow.rooms.appendTick(claim, recordOf(2));
    const aborted = assert.rejects(slow.rooms.compactRoom(claim), { code: "room-lost" });
    using watcher = new DatabaseSync(path, { readOnly: true });
    const begun = watcher.prepare("SELECT 1 FROM room_snapshots WHERE is_complete = 0");
    await waitUntil(() => begun.get() !== undefined);
    await using store = open({ ...systemClock, now: () => systemClock.now() + 30_000 });
    const taken = await store.rooms.claimRoom("board", mine);
    await aborted;
    const { snapshot, ticks } = (await store.rooms.loadRoom("board"))!;
    assert.deepEqual([snapshot?.tick, ticks.map(({ tick }) => tick)], [1, [2]]);
    await store.rooms.appendTick(taken, recordOf(3));
    await store.rooms.compactRoom(taken);
    assert.equal((await store.rooms.loadRoom("board"))!.snapshot?.tick, 3);
    assert.equal(begun.get(), undefined);
  });
});

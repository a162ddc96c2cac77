import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLogger } from "../../server/logger.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { COMPACT_ROOM_URL } from "../contracts/room-store-contract.ts";
import { messageOf, offsetsOf, saveOf } from "../contracts/store-contract.ts";
import { joinBytes } from "../support/joining-compact-room.ts";
import { appendTicks, manyBytes, openRoom, recordOf, ticksOf } from "../support/room-records.ts";
import { runCommand } from "../support/run-command.ts";
import { RunningProgram } from "../support/running-program.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const WRITER = join(import.meta.dirname, "../support/room-writer-program.ts");
const FULL = { name: "SyncError", code: "store-unavailable" };

describe("a SqliteStore without space", () => {
  const folder = useTemporaryFolder();
  let files = 0;
  let path: string;
  beforeEach(() => {
    files += 1;
    path = join(folder(), `full-${files}.db`);
  });

  const open = (maxFileBytes?: number): SqliteStore =>
    new SqliteStore(path, {
      clock: systemClock,
      logger: silentLogger,
      compactRoomUrl: COMPACT_ROOM_URL,
      ...(maxFileBytes === undefined ? {} : { maxFileBytes }),
    });

  /** SQLite's own opinion of the whole file. */
  function checkFile(): void {
    using db = new DatabaseSync(path);
    assert.deepEqual({ ...db.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" });
  }

  it("refuses what does not fit, keeps what it had, and takes what fits again", async () => {
    await using store = open(512_000);
    const now = { createdAt: Date.now() };
    const claim = await openRoom(store.rooms);
    await saveOf(store, messageOf(1, now));
    await appendTicks(store.rooms, claim, 1, 3);
    const large = recordOf(4, { bytes: manyBytes(1_000_000), openSeats: 9 });
    await assert.rejects(store.rooms.appendTick(claim, large), FULL);
    const data = JSON.stringify("x".repeat(1_000_000));
    await assert.rejects(saveOf(store, messageOf(2, { ...now, data })), FULL);
    assert.deepEqual(await ticksOf(store.rooms), [undefined, 1, 2, 3]);
    assert.equal((await store.rooms.loadRoom("board"))?.head.openSeats, 0);
    assert.deepEqual(await offsetsOf(store), [1]);
    await store.rooms.appendTick(claim, recordOf(4));
    await saveOf(store, messageOf(2, now));
    assert.deepEqual(await ticksOf(store.rooms), [undefined, 1, 2, 3, 4]);
    checkFile();
  });

  it("refuses a snapshot that fits in part only, and leaves nothing of it behind", async () => {
    await using store = open(1_500_000);
    const claim = await openRoom(store.rooms);
    const fitting = manyBytes(400_000);
    await store.rooms.saveSnapshot(claim, recordOf(1, { bytes: fitting }));
    await appendTicks(store.rooms, claim, 2, 3);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const large = recordOf(3, { bytes: manyBytes(2_000_000) });
      await assert.rejects(store.rooms.saveSnapshot(claim, large), FULL);
    }
    assert.deepEqual(await ticksOf(store.rooms), [1, 2, 3]);
    // What fitted before fits still: the attempts have left no room taken.
    await store.rooms.saveSnapshot(claim, recordOf(3, { bytes: fitting }));
    assert.deepEqual((await store.rooms.loadRoom("board"))?.snapshot, { tick: 3, bytes: fitting });
    checkFile();
  });

  it("refuses a compaction that does not fit, and drops nothing", async () => {
    const large = manyBytes(600_000);
    const roomy = open();
    const claim = await openRoom(roomy.rooms);
    await roomy.rooms.saveSnapshot(claim, recordOf(1, { bytes: large }));
    await appendTicks(roomy.rooms, claim, 2, 5);
    await roomy.close();
    const tight = open(800_000);
    await assert.rejects(tight.rooms.compactRoom(claim), FULL);
    assert.deepEqual(await ticksOf(tight.rooms), [1, 2, 3, 4, 5]);
    await tight.rooms.appendTick(claim, recordOf(6));
    await tight.close();
    await using again = open();
    await again.rooms.compactRoom(claim);
    const { snapshot, ticks } = (await again.rooms.loadRoom("board"))!;
    const bytes = [large, ...[2, 3, 4, 5, 6].map((tick) => recordOf(tick).bytes)];
    assert.deepEqual([snapshot, ticks], [{ tick: 6, bytes: joinBytes(bytes) }, []]);
    checkFile();
  });

  it("has space again when a room is deleted", async () => {
    await using store = open(1_000_000);
    const [first, second] = [await openRoom(store.rooms, "a"), await openRoom(store.rooms, "b")];
    const bytes = manyBytes(600_000);
    await store.rooms.saveSnapshot(first, recordOf(1, { bytes }));
    await assert.rejects(store.rooms.saveSnapshot(second, recordOf(1, { bytes })), FULL);
    await store.rooms.deleteRoom(first);
    await store.rooms.saveSnapshot(second, recordOf(1, { bytes }));
    assert.deepEqual((await store.rooms.loadRoom("b"))?.snapshot, { tick: 1, bytes });
  });

  it("whose disk refuses to write goes on when it no longer does, and has lost nothing", async () => {
    await using writer = new RunningProgram(process.execPath, [WRITER, path, "2", "30"]);
    const processId = (await writer.waitForOutput(/^process \d+$/)).slice(8);
    await writer.waitForOutput(/^saved room-1 60$/);
    const limitFiles = (bytes: string): Promise<string> =>
      runCommand("prlimit", ["--pid", processId, `--fsize=${bytes}:`]);
    const count = (word: string): number => writer.output.split(`\n${word} `).length;
    for (let round = 0; round < 3; round += 1) {
      const failed = count("failed");
      // Half a page: a write that ends in the middle of one.
      await limitFiles("2048");
      await waitUntil(() => count("failed") > failed + 20, { timeoutMs: 20_000 });
      const saved = count("saved");
      await limitFiles("unlimited");
      await waitUntil(() => count("saved") > saved + 100, { timeoutMs: 20_000 });
    }
    await writer.stop("SIGKILL");
    await using store = open();
    const lines = writer.output.split("\n").slice(0, -1);
    for (const room of ["room-0", "room-1"]) {
      const saved = lines.findLast((line) => line.startsWith(`saved ${room} `))!;
      const { snapshot, ticks, isWhole } = (await store.rooms.loadRoom(room))!;
      const records = snapshot === undefined ? ticks : [snapshot, ...ticks];
      const last = records.at(-1)!.tick;
      assert.ok(isWhole && last >= Number(saved.split(" ")[2]));
      const expected = Array.from({ length: last }, (_, index) => recordOf(index + 1).bytes);
      assert.deepEqual(joinBytes(records.map(({ bytes }) => bytes)), joinBytes(expected));
    }
    checkFile();
  });
});

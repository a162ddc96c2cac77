import assert from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLogger } from "../../server/logger.ts";
import type { RoomClaim, RoomStore } from "../../server/persistence/room-store.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { COMPACT_ROOM_URL } from "../contracts/room-store-contract.ts";
import { joinBytes } from "../support/joining-compact-room.ts";
import { appendTicks, openRoom, recordOf, ticksOf } from "../support/room-records.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

/** Every byte that was ever saved of ticks 1 to `last`, as the stand-in compaction joins them. */
function everythingUpTo(last: number): Uint8Array {
  return joinBytes(Array.from({ length: last }, (_, index) => recordOf(index + 1).bytes));
}

describe("a damaged file of a SqliteStore", () => {
  const folder = useTemporaryFolder();
  let files = 0;
  let path: string;
  let store: SqliteStore;
  let rooms: RoomStore;
  let other: DatabaseSync;
  let claim: RoomClaim;

  const open = (at: string): SqliteStore =>
    new SqliteStore(at, {
      clock: systemClock,
      logger: silentLogger,
      compactRoomUrl: COMPACT_ROOM_URL,
    });

  beforeEach(async () => {
    files += 1;
    path = join(folder(), `damage-${files}.db`);
    store = open(path);
    rooms = store.rooms;
    claim = await openRoom(rooms);
    other = new DatabaseSync(path);
    other.exec("PRAGMA busy_timeout = 5000");
  });
  afterEach(async () => {
    other.close();
    await store.close();
  });

  /** Every byte that can be read of the room, in order. */
  async function read(): Promise<Uint8Array> {
    const saved = (await rooms.loadRoom("board"))!;
    const records = [...(saved.snapshot === undefined ? [] : [saved.snapshot]), ...saved.ticks];
    return joinBytes(records.map(({ bytes }) => bytes));
  }

  async function isWhole(): Promise<boolean> {
    return (await rooms.loadRoom("board"))!.isWhole;
  }

  /** Puts other bytes in a blob's place, runs `check`, and puts the blob back. */
  async function withBlob(
    where: string,
    damage: (bytes: Uint8Array) => Uint8Array,
    check: (what: string) => Promise<void>,
  ): Promise<void> {
    const [table, condition] = where.split(" WHERE ");
    const found = other.prepare(`SELECT bytes FROM ${where}`).get()!;
    const blob = found["bytes"] as Uint8Array;
    const damaged = damage(Uint8Array.from(blob));
    const update = other.prepare(`UPDATE ${table} SET bytes = ? WHERE ${condition}`);
    update.run(damaged);
    await check(`[${blob.join(" ")}] became [${damaged.join(" ")}]`);
    update.run(blob);
  }

  /** Every way to cut, extend or alter a small blob in one place. */
  function* damagesOf(length: number): Generator<(bytes: Uint8Array) => Uint8Array> {
    for (let offset = 0; offset < length; offset += 1) {
      yield (bytes) => bytes.subarray(0, offset);
      yield (bytes) => bytes.subarray(offset + 1);
      for (let bit = 0; bit < 8; bit += 1) {
        yield (bytes) => bytes.with(offset, bytes[offset]! ^ (1 << bit));
      }
    }
    yield (bytes) => joinBytes([bytes, Uint8Array.of(0)]);
    yield (bytes) => joinBytes([Uint8Array.of(0), bytes]);
  }

  describe("in a tick", () => {
    beforeEach(() => appendTicks(rooms, claim, 1, 4));

    it("ends the list there, wherever the record is cut or altered", async () => {
      for (const damage of damagesOf(recordOf(3).bytes.length)) {
        await withBlob("room_ticks WHERE tick = 3", damage, async (what) => {
          assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2], what);
          assert.equal(await isWhole(), false);
        });
      }
      assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2, 3, 4]);
      assert.equal(await isWhole(), true);
    });

    const DAMAGES: [what: string, sql: string, left: number[]][] = [
      ["its checksum", "UPDATE room_ticks SET checksum = checksum + 1 WHERE tick = 2", [1]],
      ["its number", "UPDATE room_ticks SET tick = 9 WHERE tick = 4", [1, 2, 3]],
      ["its room", "UPDATE room_ticks SET room = 77 WHERE tick = 3", [1, 2]],
      ["its branch", "UPDATE room_ticks SET branch = 5 WHERE tick = 3", [1, 2]],
      ["that it is there", "DELETE FROM room_ticks WHERE tick = 2", [1]],
      ["the end of the list", "DELETE FROM room_ticks WHERE tick = 4", [1, 2, 3]],
    ];
    for (const [what, sql, left] of DAMAGES) {
      it(`ends the list where ${what} is altered`, async () => {
        other.exec(sql);
        assert.deepEqual(await ticksOf(rooms), [undefined, ...left]);
        assert.equal(await isWhole(), false);
      });
    }

    it("of another tick's or room's bytes ends the list, though they are whole", async () => {
      const second = await openRoom(rooms, "other");
      await appendTicks(rooms, second, 1, 4);
      const copy = `
        UPDATE room_ticks SET (bytes, checksum) = (
          SELECT bytes, checksum FROM room_ticks WHERE room = $from AND tick = $of)
        WHERE room = 1 AND tick = 3`;
      other.prepare(copy).run({ from: 1, of: 2 });
      assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2]);
      other.prepare(copy).run({ from: 2, of: 3 });
      assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2]);
    });

    it("is not built on: ticks are refused until the room was saved whole", async () => {
      other.exec("DELETE FROM room_ticks WHERE tick = 3");
      await assert.rejects(rooms.appendTick(claim, recordOf(3)), { code: "not-allowed" });
      await assert.rejects(rooms.compactRoom(claim), {
        code: "state-malformed",
        message: 'room "board" cannot be compacted: what was saved of it is damaged',
      });
      assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2]);
      await rooms.saveSnapshot(claim, recordOf(3));
      await appendTicks(rooms, claim, 4, 6);
      assert.deepEqual(await ticksOf(rooms), [3, 4, 5, 6]);
      assert.equal(await isWhole(), true);
    });

    it("at the very beginning leaves nothing to begin with, and is refused", async () => {
      other.exec("UPDATE room_ticks SET checksum = checksum + 1 WHERE tick = 1");
      const refused = {
        code: "state-malformed",
        message: 'what was saved of room "board" is damaged',
      };
      await assert.rejects(rooms.loadRoom("board"), refused);
      await assert.rejects(rooms.compactRoom(claim), refused);
      other.exec("UPDATE room_ticks SET checksum = checksum - 1 WHERE tick = 1");
      assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2, 3, 4]);
    });
  });

  describe("in a snapshot", () => {
    beforeEach(async () => {
      await appendTicks(rooms, claim, 1, 2);
      await rooms.compactRoom(claim);
      await appendTicks(rooms, claim, 3, 4);
      await rooms.compactRoom(claim);
      await appendTicks(rooms, claim, 5, 6);
    });

    const newest = "snapshot = (SELECT max(number) FROM room_snapshots)";

    it("gives way to the one before it, and nothing is lost, wherever it is", async () => {
      assert.deepEqual(await ticksOf(rooms), [4, 5, 6]);
      for (const damage of damagesOf(everythingUpTo(4).length)) {
        await withBlob(`room_chunks WHERE ${newest}`, damage, async (what) => {
          assert.deepEqual(await ticksOf(rooms), [2, 3, 4, 5, 6], what);
          assert.deepEqual(await read(), everythingUpTo(6), what);
          assert.equal(await isWhole(), true);
        });
      }
    });

    const DAMAGES: [what: string, sql: string][] = [
      ["has lost its bytes", `DELETE FROM room_chunks WHERE ${newest}`],
      ["has its bytes in another place", `UPDATE room_chunks SET position = 1 WHERE ${newest}`],
      ["has another tick", "UPDATE room_snapshots SET tick = 3 WHERE tick = 4"],
      ["has another length", "UPDATE room_snapshots SET byte_length = 5 WHERE tick = 4"],
      ["has another checksum", "UPDATE room_snapshots SET checksum = 1 WHERE tick = 4"],
      ["is not complete", "UPDATE room_snapshots SET is_complete = 0 WHERE tick = 4"],
      ["is gone", "DELETE FROM room_snapshots WHERE tick = 4"],
    ];
    for (const [what, sql] of DAMAGES) {
      it(`that ${what} gives way to the one before it`, async () => {
        other.exec(sql);
        assert.deepEqual(await ticksOf(rooms), [2, 3, 4, 5, 6]);
        assert.deepEqual(await read(), everythingUpTo(6));
      });
    }

    it("is healed by the next compaction", async () => {
      other.exec(`UPDATE room_chunks SET bytes = x'00' WHERE ${newest}`);
      await rooms.compactRoom(claim);
      assert.deepEqual(await ticksOf(rooms), [6]);
      assert.deepEqual(await read(), everythingUpTo(6));
    });

    it("and in the one before it leaves nothing to begin with, and is refused", async () => {
      other.exec("UPDATE room_chunks SET bytes = x'00'");
      await assert.rejects(rooms.loadRoom("board"), { code: "state-malformed" });
      await assert.rejects(rooms.compactRoom(claim), { code: "state-malformed" });
      const { count } = other.prepare("SELECT count(*) AS count FROM room_ticks").get()!;
      assert.equal(count, 4);
    });

    it("that was saved whole gives way to what was saved before, never to a mixture", async () => {
      await rooms.saveSnapshot(claim, recordOf(6, { bytes: Uint8Array.of(1) }));
      other.exec(`UPDATE room_chunks SET bytes = x'00' WHERE ${newest}`);
      // The same number as the last record has, and yet another room.
      assert.deepEqual(await ticksOf(rooms), [4, 5, 6]);
      assert.equal(await isWhole(), false);
      await rooms.appendTick(claim, recordOf(7));
      assert.deepEqual(await ticksOf(rooms), [4, 5, 6]);
      assert.equal(await isWhole(), false);
    });
  });

  it("whose new snapshots are not what was written is not built on them", async () => {
    await appendTicks(rooms, claim, 1, 3);
    other.exec(`
      CREATE TRIGGER spoil AFTER INSERT ON room_chunks BEGIN
        UPDATE room_chunks SET bytes = x'00' WHERE rowid = NEW.rowid; END`);
    const refused = {
      code: "store-unavailable",
      message: 'the snapshot of room "board" cannot be read back',
    };
    await assert.rejects(rooms.compactRoom(claim), refused);
    await assert.rejects(rooms.saveSnapshot(claim, recordOf(3)), refused);
    assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2, 3]);
    other.exec("DROP TRIGGER spoil");
    await rooms.compactRoom(claim);
    assert.deepEqual(await ticksOf(rooms), [3]);
    assert.deepEqual(await read(), everythingUpTo(3));
  });

  it("keeps two snapshots and the ticks since the older one, no more", async () => {
    const count = (table: string): unknown =>
      other.prepare(`SELECT count(*) AS count FROM ${table}`).get()!["count"];
    for (let round = 1; round <= 5; round += 1) {
      await appendTicks(rooms, claim, round * 10 - 9, round * 10);
      await rooms.compactRoom(claim);
      assert.equal(count("room_snapshots"), Math.min(round, 2));
      assert.equal(count("room_chunks"), Math.min(round, 2));
      assert.equal(count("room_ticks"), 10);
    }
    await rooms.saveSnapshot(claim, recordOf(50));
    await rooms.saveSnapshot(claim, recordOf(50));
    assert.equal(count("room_snapshots"), 2);
    assert.equal(count("room_ticks"), 0);
  });

  it("whose log is cut anywhere has every tick up to a commit", async () => {
    await appendTicks(rooms, claim, 1, 3);
    await rooms.compactRoom(claim);
    await appendTicks(rooms, claim, 4, 9);
    const copy = join(folder(), `cut-${files}.db`);
    const log = await readFile(`${path}-wal`);
    let longest = 0;
    // In and around the header of each of the last pages, and in the middle of it.
    const FRAME = 4_096 + 24;
    const frames = Array.from({ length: 20 }, (_, index) => log.length - (20 - index) * FRAME);
    const cuts = frames.flatMap((start) => [0, 23, 2_000].map((at) => start + at));
    for (const cut of [...cuts, log.length]) {
      await copyFile(path, copy);
      await writeFile(`${copy}-wal`, log.subarray(0, cut));
      await writeFile(`${copy}-shm`, "");
      await using torn = open(copy);
      const saved = await torn.rooms.loadRoom("board");
      const records = saved && [...(saved.snapshot ? [saved.snapshot] : []), ...saved.ticks];
      const last = records?.at(-1)?.tick ?? 0;
      assert.ok(last >= longest, `tick ${last} after ${longest}, cut at ${cut}`);
      assert.deepEqual(joinBytes((records ?? []).map(({ bytes }) => bytes)), everythingUpTo(last));
      assert.equal(saved?.isWhole ?? true, true);
      longest = last;
    }
    assert.equal(longest, 9);
  });
});

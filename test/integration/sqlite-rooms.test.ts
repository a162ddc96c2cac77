import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLogger } from "../../server/logger.ts";
import { MemoryRooms } from "../../server/persistence/memory-rooms.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { STORE_CHECKPOINT_BYTES } from "../../shared/limits.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { COMPACT_ROOM_URL, roomStoreContract } from "../contracts/room-store-contract.ts";
import { appendTicks, manyBytes, openRoom, recordOf, ticksOf } from "../support/room-records.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

describe("SqliteRooms", () => {
  const folder = useTemporaryFolder();
  let files = 0;
  let path: string;
  beforeEach(() => {
    files += 1;
    path = join(folder(), `rooms-${files}.db`);
  });

  /** Does something to the file from outside, as another process would. */
  function fromOutside(sql: string): void {
    using other = new DatabaseSync(path, { timeout: 5_000 });
    other.exec(sql);
  }

  describe("keeps the promises of a store of rooms:", () => {
    const tables = ["room_claims", "rooms", "room_ticks", "room_snapshots", "room_chunks"];
    const events = tables.flatMap((table) => [`INSERT ON ${table}`, `UPDATE ON ${table}`]);
    roomStoreContract((options) => {
      const store = new SqliteStore(path, options);
      return {
        rooms: store.rooms,
        failWrites(isFailing) {
          for (const what of events) {
            fromOutside(
              isFailing
                ? `CREATE TRIGGER "fail ${what}" BEFORE ${what}
                   BEGIN SELECT RAISE (ABORT, 'disk full'); END`
                : `DROP TRIGGER "fail ${what}"`,
            );
          }
        },
        close: () => store.close(),
      };
    });
  });

  const open = (): SqliteStore =>
    new SqliteStore(path, {
      clock: systemClock,
      logger: silentLogger,
      compactRoomUrl: COMPACT_ROOM_URL,
    });

  it("refuses a compaction that is under way when the store closes, and loses nothing", async () => {
    const store = open();
    const claim = await openRoom(store.rooms);
    const bytes = manyBytes(16 * 1_048_576);
    await store.rooms.saveSnapshot(claim, recordOf(1, { bytes }));
    await store.rooms.appendTick(claim, recordOf(2));
    const refused = assert.rejects(store.rooms.compactRoom(claim), { code: "closed" });
    const begun = (): unknown => {
      using watcher = new DatabaseSync(path, { readOnly: true });
      return watcher.prepare("SELECT 1 FROM room_snapshots WHERE is_complete = 0").get();
    };
    await waitUntil(begun);
    await store.close();
    await refused;
    const names = await readdir(folder());
    assert.deepEqual(
      names.filter((name) => name.startsWith(basename(path))),
      [basename(path)],
    );
    await using again = open();
    assert.deepEqual(await ticksOf(again.rooms), [1, 2]);
    await again.rooms.compactRoom(claim);
    assert.deepEqual(await ticksOf(again.rooms), [2]);
    assert.equal(begun(), undefined);
  });

  it("saves a room whole that was begun to be saved when the store closes", async () => {
    const store = open();
    const claim = await openRoom(store.rooms);
    const bytes = manyBytes(2 * 1_048_576);
    const saving = store.rooms.saveSnapshot(claim, recordOf(1, { bytes }));
    await Promise.all([saving, store.close()]);
    await using again = open();
    assert.deepEqual((await again.rooms.loadRoom("board"))?.snapshot, { tick: 1, bytes });
  });

  it("moves its log into the file on another thread, long before its own would", async () => {
    await using store = open();
    const claim = await openRoom(store.rooms);
    const bytes = manyBytes(STORE_CHECKPOINT_BYTES / 16);
    for (let tick = 1; tick <= 20; tick += 1) {
      await store.rooms.appendTick(claim, recordOf(tick, { bytes }));
    }
    await waitUntil(async () => (await stat(path)).size > STORE_CHECKPOINT_BYTES);
  });

  it("goes on with another thread when one has failed", async () => {
    const store = new SqliteStore(path, {
      clock: systemClock,
      logger: silentLogger,
      compactRoomUrl: new URL("data:text/javascript,process.exit(7)"),
    });
    const claim = await openRoom(store.rooms);
    await appendTicks(store.rooms, claim, 1, 2);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await assert.rejects(store.rooms.compactRoom(claim), {
        code: "store-unavailable",
        message: "the store's worker failed",
      });
    }
    assert.deepEqual(await ticksOf(store.rooms), [undefined, 1, 2]);
    await store.close();
  });

  it("refuses what a compaction makes of another tick, or does not make at all", async () => {
    for (const [made, reason] of [
      ["({ tick: 1, bytes: new Uint8Array(0) })", "the snapshot is of tick 1, not 2"],
      ["{ throw new RangeError('x') }", "RangeError: x"],
    ] as const) {
      const compactRoomUrl = new URL(
        `data:text/javascript,${encodeURIComponent(`export const compactRoom = () => ${made};`)}`,
      );
      const options = { clock: systemClock, logger: silentLogger, compactRoomUrl };
      await using store = new SqliteStore(path, options);
      const memory = new MemoryRooms(options);
      for (const rooms of [store.rooms, memory]) {
        const claim = await openRoom(rooms, reason);
        await appendTicks(rooms, claim, 1, 2);
        await assert.rejects(rooms.compactRoom(claim), {
          code: "state-malformed",
          message: `room "${reason}" cannot be compacted: ${reason}`,
        });
        assert.deepEqual(await ticksOf(rooms, reason), [undefined, 1, 2]);
      }
    }
  });
});

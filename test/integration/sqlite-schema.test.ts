import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLogger } from "../../server/logger.ts";
import { openDatabase } from "../../server/persistence/sqlite-schema.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { messageOf, NOW, offsetsOf, recordOf, saveOf } from "../contracts/store-contract.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { appendTicks, openRoom, ticksOf } from "../support/room-records.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

/** What is between a file of the first version and one of today. */
const UNDO_ROOMS = `
  DROP TABLE rooms; DROP TABLE room_claims; DROP TABLE room_ticks; DROP TABLE room_snapshots;
  DROP TABLE room_chunks; DROP TABLE room_audit; PRAGMA user_version = 1`;

function readPragma(db: DatabaseSync, name: string): unknown {
  return Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0];
}

describe("the file of a SqliteStore", () => {
  const folder = useTemporaryFolder();
  let files = 0;
  let path: string;
  beforeEach(() => {
    files += 1;
    path = join(folder(), `schema-${files}.db`);
  });

  const open = (): SqliteStore =>
    new SqliteStore(path, { clock: new FakeClock(NOW), logger: silentLogger });

  it("of the first version keeps its messages and gets rooms", async () => {
    const first = open();
    await saveOf(first, messageOf(1));
    await first.close();
    const old = new DatabaseSync(path);
    old.exec(UNDO_ROOMS);
    old.close();
    await using second = open();
    assert.deepEqual(await offsetsOf(second), [1]);
    assert.deepEqual(await second.loadTopic("chat/general"), recordOf(1));
    const claim = await openRoom(second.rooms);
    await appendTicks(second.rooms, claim, 1, 2);
    assert.deepEqual(await ticksOf(second.rooms), [undefined, 1, 2]);
  });

  it("is written ahead of in a log, and synchronised as the durability says", () => {
    for (const [durability, synchronous] of [
      ["process-crash", 1],
      ["power-loss", 2],
    ] as const) {
      const db = openDatabase(path, durability);
      assert.deepEqual(
        [readPragma(db, "journal_mode"), readPragma(db, "synchronous")],
        ["wal", synchronous],
      );
      db.close();
    }
  });

  it("is written ahead of in a log again where a copy had lost that", async () => {
    await open().close();
    const copy = join(folder(), `copy-${files}.db`);
    const original = new DatabaseSync(path);
    original.exec(`VACUUM INTO '${copy}'`);
    original.close();
    const db = openDatabase(copy, "process-crash");
    assert.equal(readPragma(db, "journal_mode"), "wal");
    db.close();
  });

  it("is not touched when it is of a newer version", async () => {
    await open().close();
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99");
    newer.close();
    const before = await readFile(path);
    assert.throws(open, { code: "store-unavailable", message: /has schema version 99, newer/ });
    assert.deepEqual(await readFile(path), before);
  });
});

import assert from "node:assert/strict";
import { copyFile, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLogger } from "../../server/logger.ts";
import { backupStore } from "../../server/persistence/backup-store.ts";
import { describeOwner } from "../../server/persistence/room-owner.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { COMPACT_ROOM_URL } from "../contracts/room-store-contract.ts";
import { messageOf, offsetsOf, saveOf } from "../contracts/store-contract.ts";
import { joinBytes } from "../support/joining-compact-room.ts";
import { appendTicks, openRoom, recordOf, ticksOf } from "../support/room-records.ts";
import { runCommand } from "../support/run-command.ts";
import { RunningProgram } from "../support/running-program.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const WRITER = join(import.meta.dirname, "../support/room-writer-program.ts");
const REFUSED = { name: "SyncError", code: "store-unavailable" };

describe("a backup", () => {
  const temporary = useTemporaryFolder();
  let folders = 0;
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folders += 1;
    folder = join(temporary(), `backup-${folders}`);
    await mkdir(folder);
    path = join(folder, "atrium.db");
  });

  const open = (at: string): SqliteStore =>
    new SqliteStore(at, {
      clock: systemClock,
      logger: silentLogger,
      compactRoomUrl: COMPACT_ROOM_URL,
    });

  it("has everything of a store that is open, and everything of one that is not", async () => {
    const store = open(path);
    const claim = await openRoom(store.rooms);
    await appendTicks(store.rooms, claim, 1, 3);
    await store.rooms.compactRoom(claim);
    await appendTicks(store.rooms, claim, 4, 5);
    await saveOf(store, messageOf(1, { createdAt: Date.now() }));
    await backupStore(path, join(folder, "open.db"));
    await appendTicks(store.rooms, claim, 6, 6);
    await store.close();
    await backupStore(path, join(folder, "closed.db"));
    for (const [name, ticks] of [
      ["open.db", [3, 4, 5]],
      ["closed.db", [3, 4, 5, 6]],
    ] as const) {
      await using copy = open(join(folder, name));
      assert.deepEqual(await ticksOf(copy.rooms), ticks);
      assert.deepEqual(await offsetsOf(copy), [1]);
    }
  });

  it("is restored in the file's place, and rooms go on with larger claims", async () => {
    const first = open(path);
    const claim = await openRoom(first.rooms);
    await appendTicks(first.rooms, claim, 1, 3);
    await first.rooms.releaseClaim(claim);
    await backupStore(path, join(folder, "copy.db"));
    await first.close();
    await copyFile(join(folder, "copy.db"), path);
    await using restored = open(path);
    const next = await restored.rooms.claimRoom("board", describeOwner("server-2"));
    assert.ok(next.token > claim.token);
    await appendTicks(restored.rooms, next, 4, 5);
    assert.deepEqual(await ticksOf(restored.rooms), [undefined, 1, 2, 3, 4, 5]);
  });

  it("made while another process writes is one moment of it, and holds nobody up", async () => {
    await using writer = new RunningProgram(process.execPath, [WRITER, path, "3", "40"]);
    await writer.waitForOutput(/^saved room-2 60$/);
    for (let round = 1; round <= 3; round += 1) {
      const told = writer.output.split("\n").slice(0, -1);
      const copy = join(folder, `copy-${round}.db`);
      const printed = await runCommand("npm", ["run", "--silent", "backup", "--", path, copy]);
      assert.equal(printed, `${copy}\n`);
      await using store = open(copy);
      for (const room of ["room-0", "room-1", "room-2"]) {
        const { snapshot, ticks, isWhole } = (await store.rooms.loadRoom(room))!;
        const records = snapshot === undefined ? ticks : [snapshot, ...ticks];
        const last = records.at(-1)!.tick;
        const acknowledged = told.findLast((line) => line.startsWith(`saved ${room} `))!;
        assert.ok(isWhole && last >= Number(acknowledged.split(" ")[2]));
        const expected = Array.from({ length: last }, (_, index) => recordOf(index + 1).bytes);
        assert.deepEqual(joinBytes(records.map(({ bytes }) => bytes)), joinBytes(expected));
      }
      assert.doesNotMatch(writer.output, /^(failed|refused)/m);
    }
  });

  it("is named after its time when it has no name, beside the original", async () => {
    await open(path).close();
    const printed = await runCommand("npm", ["run", "--silent", "backup", "--", path]);
    assert.match(printed, /\/atrium-\d{8}T\d{6}Z\.db\n$/);
    assert.equal((await stat(printed.trim())).mode & 0o777, 0o600);
    assert.equal((await readdir(folder)).length, 2);
  });

  it("refuses what is there already, what is no store and what cannot be written", async () => {
    await open(path).close();
    const taken = join(folder, "taken.db");
    await writeFile(taken, "mine");
    await assert.rejects(backupStore(path, taken), REFUSED);
    assert.equal((await stat(taken)).size, 4);
    await assert.rejects(backupStore(path, path), REFUSED);
    await assert.rejects(backupStore(join(folder, "missing.db"), join(folder, "copy.db")), REFUSED);
    await assert.rejects(backupStore(folder, join(folder, "copy.db")), REFUSED);
    await assert.rejects(backupStore(path, join(folder, "no", "folder.db")), REFUSED);
    const foreign = join(folder, "foreign.db");
    new DatabaseSync(foreign).exec("CREATE TABLE bookmarks (url TEXT)");
    for (const file of [foreign, taken]) {
      await assert.rejects(backupStore(file, join(folder, "copy.db")), REFUSED);
    }
    const names = await readdir(folder);
    assert.deepEqual(
      names.filter((name) => /copy|partial|missing/.test(name)),
      [],
    );
  });

  it("says how it is asked for when it is not told of what", async () => {
    await assert.rejects(runCommand("npm", ["run", "--silent", "backup"]), /usage: npm run backup/);
  });
});

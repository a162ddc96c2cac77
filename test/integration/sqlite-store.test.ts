import assert from "node:assert/strict";
import { copyFile, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLogger } from "../../server/logger.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import type { Clock } from "../../shared/clock.ts";
import { MAX_COMMIT_BYTES, STORE_BUSY_TIMEOUT_MS } from "../../shared/limits.ts";
import { systemClock } from "../../shared/system-clock.ts";
import {
  messageOf,
  NOW,
  offsetsOf,
  recordOf,
  saveOf,
  storeContract,
} from "../contracts/store-contract.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RunningProgram } from "../support/running-program.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

/** Saves messages for ever, and prints each offset once it was told that it is saved. */
const WRITER = `
  const { SqliteStore } = await import(process.argv[1]);
  const { silentLogger } = await import(process.argv[2]);
  const { systemClock } = await import(process.argv[3]);
  const store = new SqliteStore(process.argv[4], { clock: systemClock, logger: silentLogger });
  for (let offset = 1; ; offset += 1) {
    const createdAt = Date.now();
    const message = { topic: "t", id: String(offset), offset, event: "e", data: "1", createdAt };
    void store.saveMessage(message, { epoch: "e", offset, isComplete: true }).then(() => {
      process.stdout.write("saved " + offset + "\\n");
    });
    if (offset % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
`;

const moduleUrl = (path: string): string => new URL(`../../${path}`, import.meta.url).href;

describe("SqliteStore", () => {
  const folder = useTemporaryFolder();
  let files = 0;
  let path: string;
  beforeEach(() => {
    files += 1;
    path = join(folder(), `store-${files}.db`);
  });

  const open = (at = path, clock: Clock = new FakeClock(NOW)): SqliteStore =>
    new SqliteStore(at, { clock, logger: silentLogger });

  /** Does something to the file from outside, as another process would. */
  function fromOutside(sql: string): void {
    using other = new DatabaseSync(path);
    other.exec(sql);
  }

  const failAt = (what: string): void =>
    fromOutside(`
      CREATE TRIGGER "fail ${what}" BEFORE ${what}
      BEGIN SELECT RAISE (ABORT, 'disk full'); END`);

  describe("keeps the promises of a store:", () => {
    const events = [
      "INSERT ON topics",
      "UPDATE ON topics",
      "INSERT ON messages",
      "UPDATE ON messages",
    ];
    storeContract((options) => ({
      store: new SqliteStore(path, options),
      failWrites(isFailing) {
        for (const what of events) {
          if (isFailing) failAt(what);
          else fromOutside(`DROP TRIGGER "fail ${what}"`);
        }
      },
    }));
  });

  describe("after a restart", () => {
    it("has every message and record", async () => {
      const first = open();
      await saveOf(first, messageOf(1));
      await saveOf(first, messageOf(2, { topic: "chat/other", userId: undefined }));
      await first.replaceMessage(messageOf(1, { data: "null", deletedAt: NOW }));
      await first.saveTopic("quiet", recordOf(5, { epoch: "e5", isComplete: false }));
      await first.close();
      await using second = open();
      assert.deepEqual(await second.loadMessages("chat/general", 10), [
        messageOf(1, { data: "null", deletedAt: NOW }),
      ]);
      assert.deepEqual(await second.loadMessages("chat/other", 10), [
        messageOf(2, { topic: "chat/other", userId: undefined }),
      ]);
      assert.deepEqual(await second.loadTopic("chat/general"), recordOf(1));
      const quiet = recordOf(5, { epoch: "e5", isComplete: false });
      assert.deepEqual(await second.loadTopic("quiet"), quiet);
    });

    it("still counts how many messages a topic has", async () => {
      const bounds = { clock: new FakeClock(NOW), logger: silentLogger, maxMessages: 3 };
      for (let offset = 1; offset <= 5; offset += 1) {
        await using store = new SqliteStore(path, bounds);
        await saveOf(store, messageOf(offset));
      }
      await using store = open();
      assert.deepEqual(await offsetsOf(store), [5, 4, 3]);
    });

    it("drops what a smaller bound leaves no room for, with the next message", async () => {
      const first = open();
      for (let offset = 1; offset <= 9; offset += 1) await saveOf(first, messageOf(offset));
      await first.close();
      const bounds = { clock: new FakeClock(NOW), logger: silentLogger, maxMessages: 2 };
      await using second = new SqliteStore(path, bounds);
      await saveOf(second, messageOf(10));
      assert.deepEqual(await offsetsOf(second), [10, 9]);
    });

    it("has everything that was acknowledged before `kill -9`", async () => {
      const modules = ["persistence/sqlite-store.ts", "logger.ts"].map((each) => `server/${each}`);
      const urls = [...modules, "shared/system-clock.ts"].map(moduleUrl);
      const args = ["--input-type=module", "--eval", WRITER, ...urls, path];
      await using writer = new RunningProgram(process.execPath, args);
      await writer.waitForOutput(/^saved 300$/);
      await writer.stop("SIGKILL");
      // The last line may be half of one.
      const saved = writer.output
        .split("\n")
        .slice(0, -1)
        .map((line) => Number(line.slice(6)));
      await using store = open(path, systemClock);
      const offset = (await store.loadTopic("t"))!.offset;
      assert.ok(offset >= saved.at(-1)!);
      const expected = Array.from({ length: offset }, (_, index) => offset - index);
      assert.deepEqual(
        (await store.loadMessages("t", 10_000)).map((message) => message.offset),
        expected.slice(0, 10_000),
      );
    });

    it("has everything up to a commit when the end of its log is torn off", async () => {
      const store = open();
      for (let offset = 1; offset <= 10; offset += 1) await saveOf(store, messageOf(offset));
      // What a power failure leaves: the files as they are while the store is open.
      const copy = join(folder(), `torn-${files}.db`);
      for (const end of ["", "-wal"]) await copyFile(path + end, copy + end);
      await store.close();
      const { length } = await readFile(`${copy}-wal`);
      await truncate(`${copy}-wal`, length - 100);
      await using torn = open(copy);
      assert.deepEqual(await offsetsOf(torn), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
      assert.deepEqual(await torn.loadTopic("chat/general"), recordOf(9));
    });
  });

  describe("a group of writes", () => {
    it("is rejected together when one of them fails, and has changed nothing", async () => {
      await using store = open();
      await saveOf(store, messageOf(1));
      fromOutside(`
        CREATE TRIGGER fail BEFORE INSERT ON messages WHEN NEW.id = 'id-3'
        BEGIN SELECT RAISE (ABORT, 'disk full'); END`);
      const group = [
        saveOf(store, messageOf(2)),
        saveOf(store, messageOf(3)),
        store.saveTopic("other", recordOf(1)),
        store.replaceMessage(messageOf(1, { data: "null" })),
      ];
      for (const write of group) {
        await assert.rejects(write, {
          name: "SyncError",
          code: "store-unavailable",
          message: "the store cannot be written to",
        });
      }
      assert.deepEqual(await store.loadMessages("chat/general", 10), [messageOf(1)]);
      assert.deepEqual(await store.loadTopic("chat/general"), recordOf(1));
      assert.equal(await store.loadTopic("other"), undefined);
      await saveOf(store, messageOf(4));
      assert.deepEqual(await offsetsOf(store), [4, 1]);
    });

    it("saves neither the message nor the record when only the message fails", async () => {
      await using store = open();
      failAt("INSERT ON messages");
      await assert.rejects(saveOf(store, messageOf(1)), { code: "store-unavailable" });
      assert.equal(await store.loadTopic("chat/general"), undefined);
    });

    it("takes no more than its share of a turn, and leaves the rest to the next", async () => {
      await using store = open();
      const data = JSON.stringify("x".repeat(MAX_COMMIT_BYTES / 2));
      let turns = 0;
      const countTurns = (): void => {
        turns += 1;
        turning = setImmediate(countTurns);
      };
      let turning = setImmediate(countTurns);
      const offsets = Array.from({ length: 10 }, (_, index) => index + 1);
      const savedIn = offsets.map(async (offset) => {
        await saveOf(store, messageOf(offset, { data }));
        return turns;
      });
      const turnOf = await Promise.all(savedIn);
      clearImmediate(turning);
      const first = turnOf[0]!;
      assert.deepEqual(
        turnOf.map((turn) => turn - first),
        [0, 0, 1, 1, 2, 2, 3, 3, 4, 4],
      );
    });

    it("is reported to the operator when it fails", async () => {
      const reports: string[] = [];
      const logger = { ...silentLogger, error: (message: string) => void reports.push(message) };
      await using store = new SqliteStore(path, { clock: new FakeClock(NOW), logger });
      failAt("INSERT ON messages");
      const group = [saveOf(store, messageOf(1)), saveOf(store, messageOf(2))];
      await Promise.allSettled(group);
      assert.deepEqual(reports, ["the store did not take 2 writes"]);
    });
  });

  describe("while another process writes to the file", () => {
    it("waits without holding up the event loop, and keeps the order", async () => {
      const clock = new FakeClock(NOW);
      await using store = open(path, clock);
      using other = new DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
      const saves = [saveOf(store, messageOf(1))];
      await clock.advance(STORE_BUSY_TIMEOUT_MS / 2);
      saves.push(saveOf(store, messageOf(2)));
      await clock.advance(STORE_BUSY_TIMEOUT_MS / 4);
      assert.deepEqual(await offsetsOf(store), []);
      other.exec("COMMIT");
      await clock.advance(1_000);
      await Promise.all(saves);
      assert.deepEqual(await offsetsOf(store), [2, 1]);
      assert.equal(clock.pendingTimers, 0);
    });

    it("gives up after a while, and tries anew with the next write", async () => {
      const clock = new FakeClock(NOW);
      await using store = open(path, clock);
      using other = new DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
      const refused = assert.rejects(saveOf(store, messageOf(1)), { code: "store-unavailable" });
      await clock.advance(STORE_BUSY_TIMEOUT_MS);
      await refused;
      const waiting = saveOf(store, messageOf(2));
      await clock.advance(STORE_BUSY_TIMEOUT_MS - 1);
      other.exec("ROLLBACK");
      await clock.advance(1_000);
      await waiting;
      assert.deepEqual(await offsetsOf(store), [2]);
    });
  });

  it("deletes expired messages of every topic, some at a time, and topics left empty", async () => {
    const clock = new FakeClock(NOW);
    const bounds = { clock, logger: silentLogger, maxAgeMs: 1_000 };
    await using store = new SqliteStore(path, bounds);
    const topics = Array.from({ length: 1_500 }, (_, index) => `topic-${index}`);
    await Promise.all(topics.map((topic) => saveOf(store, messageOf(1, { topic }))));
    clock.advanceSync(86_400_000);
    using other = new DatabaseSync(path, { readOnly: true });
    const counts = (): unknown =>
      ["messages", "topics"].map((each) =>
        Object.values(other.prepare(`SELECT count(*) FROM ${each}`).get()!).at(0),
      );
    await store.saveTopic("new", recordOf(1));
    assert.deepEqual(counts(), [500, 501]);
    await store.saveTopic("new", recordOf(2));
    assert.deepEqual(counts(), [0, 1]);
  });

  it("leaves one file when it is closed", async () => {
    const store = open();
    await saveOf(store, messageOf(1));
    await store.close();
    const names = await readdir(dirname(path));
    assert.deepEqual(
      names.filter((name) => name.startsWith(basename(path))),
      [basename(path)],
    );
  });

  describe("a file that is no good", () => {
    async function makeStoreFile(): Promise<Buffer> {
      const store = open();
      const data = JSON.stringify("x".repeat(100_000));
      for (const offset of [1, 2, 3]) await saveOf(store, messageOf(offset, { data }));
      await store.close();
      return readFile(path);
    }

    const FILES: [what: string, make: () => Promise<void>, message: RegExp][] = [
      ["of garbage", () => writeFile(path, "x".repeat(10_000)), /^store ".*" cannot be opened$/],
      ["of a few bytes", () => writeFile(path, "hello"), /^store ".*" cannot be opened$/],
      [
        "that is torn",
        async () => writeFile(path, (await makeStoreFile()).subarray(0, 50_000)),
        /^store ".*" cannot be opened$/,
      ],
      [
        "whose tables are overwritten",
        async () => writeFile(path, (await makeStoreFile()).fill(0xff, 100, 4_096)),
        /^store ".*" cannot be opened$/,
      ],
      [
        "of another program",
        async () => fromOutside("CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 1"),
        /^".*" is a database of another program$/,
      ],
      [
        "of a newer version",
        async () => {
          await makeStoreFile();
          fromOutside("PRAGMA user_version = 3");
        },
        /^store ".*" has schema version 3, newer than 2$/,
      ],
    ];
    for (const [what, make, message] of FILES) {
      it(`${what} is refused as store-unavailable, and left as it is`, async () => {
        await make();
        const before = await readFile(path);
        const expected = { name: "SyncError", code: "store-unavailable", message };
        assert.throws(() => open(), expected);
        assert.deepEqual(await readFile(path), before);
        assert.throws(() => open(), expected);
      });
    }

    it("by its own content says store-unavailable when that is read", async () => {
      const bytes = await makeStoreFile();
      await writeFile(path, bytes.fill(0xff, 150_000));
      await using store = open();
      await assert.rejects(offsetsOf(store), {
        code: "store-unavailable",
        message: "the store cannot be read",
      });
    });

    it("is no empty file", async () => {
      await writeFile(path, "");
      await using store = open();
      await saveOf(store, messageOf(1));
      assert.deepEqual(await offsetsOf(store), [1]);
    });
  });
});

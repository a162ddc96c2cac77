import assert from "node:assert/strict";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { silentLogger } from "../../server/logger.ts";
import { MemoryStore } from "../../server/persistence/memory-store.ts";
import { openStore } from "../../server/persistence/open-store.ts";
import type { StoreOptions } from "../../server/persistence/store-options.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { messageOf, NOW, offsetsOf, saveOf } from "../contracts/store-contract.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { runCommand } from "../support/run-command.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const OPTIONS: StoreOptions = { clock: new FakeClock(NOW), logger: silentLogger };

/** Opens each URL in turn, and prints which of them had loaded the driver by then. */
const OPENER = `
  const { openStore } = await import(process.argv[1]);
  const options = { clock: { now: () => 0 }, logger: {} };
  const isLoaded = () => process.moduleLoadList.includes("NativeModule sqlite");
  const loaded = [isLoaded()];
  for (const url of process.argv.slice(2)) {
    const store = await openStore(url, options);
    loaded.push(isLoaded());
    await store.close();
  }
  process.stdout.write(JSON.stringify(loaded));
`;

describe("openStore", () => {
  const folder = useTemporaryFolder();

  it("opens `memory:` as a store in memory", async () => {
    const store = await openStore("memory:", OPTIONS);
    assert.ok(store instanceof MemoryStore);
    await store.close();
  });

  it("opens `sqlite:` and a path as a store in that file, in folders that it makes", async () => {
    const path = join(folder(), "made", "deep", "atrium.db");
    const first = await openStore(`sqlite:${path}`, OPTIONS);
    assert.ok(first instanceof SqliteStore);
    await saveOf(first, messageOf(1));
    await first.close();
    assert.deepEqual(await readdir(join(folder(), "made", "deep")), ["atrium.db"]);
    const second = await openStore(`sqlite:${relative(process.cwd(), path)}`, OPTIONS);
    assert.deepEqual(await offsetsOf(second), [1]);
    await second.close();
  });

  it("takes a path as it is, also where SQLite would see something else in it", async () => {
    const names = [":memory:", "file:x?mode=memory", "a?mode=ro", "ä 😀.db"];
    for (const name of names) {
      const store = await openStore(`sqlite:${join(folder(), "odd", name)}`, OPTIONS);
      await saveOf(store, messageOf(1));
      await store.close();
    }
    const found = await readdir(join(folder(), "odd"));
    assert.deepEqual(found.toSorted(), names.toSorted());
  });

  it("makes files that only their owner can read and write", async () => {
    const path = join(folder(), "private.db");
    const store = await openStore(`sqlite:${path}`, OPTIONS);
    await saveOf(store, messageOf(1));
    for (const end of ["", "-wal", "-shm"]) {
      assert.equal((await stat(path + end)).mode & 0o777, 0o600);
    }
    await store.close();
  });

  it("hands its options on", async () => {
    for (const url of ["memory:", `sqlite:${join(folder(), "bounds.db")}`]) {
      const store = await openStore(url, { ...OPTIONS, maxMessages: 2 });
      for (const offset of [1, 2, 3]) await saveOf(store, messageOf(offset));
      assert.deepEqual(await offsetsOf(store), [3, 2]);
      await store.close();
    }
  });

  it("takes the durability from behind the path", async () => {
    for (const [query, durability] of [
      ["", "process-crash"],
      ["?durability=process-crash", "process-crash"],
      ["?durability=power-loss", "power-loss"],
    ] as const) {
      const path = join(folder(), `durable-${query.slice(12)}.db`);
      const store = await openStore(`sqlite:${path}${query}`, OPTIONS);
      assert.ok(store instanceof SqliteStore);
      assert.equal(store.durability, durability);
      await store.close();
      assert.ok((await stat(path)).isFile());
    }
  });

  for (const word of ["", "none", "power-loss ", "power-loss&x=1"]) {
    it(`refuses a durability of "${word}"`, async () => {
      const url = `sqlite:${join(folder(), "never.db")}?durability=${word}`;
      await assert.rejects(openStore(url, OPTIONS), {
        name: "TypeError",
        message: `durability "${word}" of store "${url}" is neither "process-crash" nor "power-loss"`,
      });
      await assert.rejects(stat(join(folder(), "never.db")), { code: "ENOENT" });
    });
  }

  it("loads SQLite only for who opens a SQLite store", async () => {
    const module = new URL("../../server/persistence/open-store.ts", import.meta.url).href;
    const urls = ["memory:", `sqlite:${join(folder(), "loaded.db")}`];
    const args = ["--input-type=module", "--eval", OPENER, module, ...urls];
    const output = await runCommand(process.execPath, args, { timeout: 20_000 });
    assert.equal(output, "[false,false,true]");
  });

  const UNKNOWN: [url: string, shown: string][] = [
    ["postgres://ada:secret@example.com/db", "postgres:"],
    ["redis://localhost", "redis:"],
    ["SQLITE:x", "SQLITE:"],
    ["data/atrium.db", "data/atrium.db"],
    ["sqlite:", "sqlite:"],
    ["memory:x", "memory:x"],
    [":x", ":"],
    ["", ""],
  ];
  for (const [url, shown] of UNKNOWN) {
    it(`refuses "${url}" with a TypeError that names "${shown}"`, async () => {
      await assert.rejects(openStore(url, OPTIONS), {
        name: "TypeError",
        message: `store "${shown}" is neither "memory:" nor "sqlite:" and a path`,
      });
    });
  }

  it("rejects with store-unavailable for what is no file, or cannot be made", async () => {
    await mkdir(join(folder(), "a-folder"));
    await writeFile(join(folder(), "a-file"), "");
    for (const name of ["a-folder", "a-file/atrium.db"]) {
      const path = join(folder(), name);
      await assert.rejects(openStore(`sqlite:${path}`, OPTIONS), {
        name: "SyncError",
        code: "store-unavailable",
        message: `store "${path}" cannot be made`,
      });
    }
  });
});

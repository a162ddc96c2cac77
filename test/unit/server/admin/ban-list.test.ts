import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BanList } from "../../../../server/admin/ban-list.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { useTemporaryFolder } from "../../../support/temporary-folder.ts";

describe("BanList", () => {
  const folder = useTemporaryFolder();
  const clock = new FakeClock();
  const fresh = (): BanList => new BanList(join(folder(), "bans"), clock);

  it("is empty where there is no folder, and makes none", async () => {
    const bans = fresh();
    await bans.load();
    assert.deepEqual(bans.list(), []);
    assert.deepEqual(await readdir(folder()), []);
  });

  it("keeps bans for the next process, whatever the user is called", async () => {
    const names = ["ann", "../../ann", "__proto__", "a\u0000b", "ü".repeat(200)];
    const bans = fresh();
    for (const userId of names) await bans.add({ userId, reason: "rude", at: clock.now() });
    const next = fresh();
    await next.load();
    for (const userId of names) assert.equal(next.find(userId)?.reason, "rude", userId);
    assert.equal(next.find("constructor"), undefined);
    assert.deepEqual(await readdir(folder()), ["bans"]);
  });

  it("counts at once, before it is on the disk", async () => {
    const bans = fresh();
    const written = bans.add({ userId: "bob", reason: "", at: clock.now() });
    await Promise.resolve();
    assert.notEqual(bans.find("bob"), undefined);
    await written;
  });

  it("forgets who is unbanned, here and in the next process", async () => {
    const bans = fresh();
    await bans.add({ userId: "cleo", reason: "", at: clock.now() });
    assert.equal(await bans.remove("cleo"), true);
    assert.equal(await bans.remove("cleo"), false);
    const next = fresh();
    await next.load();
    assert.equal(next.find("cleo"), undefined);
  });

  it("ends when its time is over", async () => {
    const bans = fresh();
    await bans.add({ userId: "dan", reason: "", at: clock.now(), until: clock.now() + 1_000 });
    assert.notEqual(bans.find("dan"), undefined);
    await clock.advance(1_000);
    assert.equal(bans.find("dan"), undefined);
    assert.ok(!bans.list().some(({ userId }) => userId === "dan"));
  });

  it("still counts when it cannot be written down, and says so", async () => {
    const blocked = join(folder(), "blocked");
    await writeFile(blocked, "a file, not a folder");
    const bans = new BanList(blocked, clock);
    const refused = bans.add({ userId: "eve", reason: "", at: clock.now() });
    await assert.rejects(refused, { code: "store-unavailable" });
    assert.notEqual(bans.find("eve"), undefined);
  });

  it("refuses a folder with a file in it that is not a ban", async () => {
    const damaged = join(folder(), "damaged");
    await mkdir(damaged);
    for (const text of ["", "null", "{}", '{"userId":1}', "{"]) {
      await writeFile(join(damaged, "x.json"), text);
      await assert.rejects(new BanList(damaged, clock).load(), { code: "state-malformed" }, text);
    }
  });
});

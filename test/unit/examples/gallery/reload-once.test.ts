import assert from "node:assert/strict";
import { ReloadOnce } from "../../../../examples/gallery/reload-once.ts";
import { FakeStorage } from "../../../support/fake-storage.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const MINUTE_MS = 60_000;

describe("ReloadOnce", () => {
  let storage: FakeStorage;
  let now: number;
  let reloads: number;

  /** What a page of this tab has, from its load on. */
  function openPage(): ReloadOnce {
    return new ReloadOnce({
      storage: () => storage,
      now: () => now,
      reload: () => (reloads += 1),
    });
  }

  beforeEach(() => {
    storage = new FakeStorage();
    now = Date.UTC(2026, 0, 1);
    reloads = 0;
  });

  it("reloads once, however often it is asked to", async () => {
    const page = openPage();
    assert.deepEqual([page.start(0), page.start(0), page.isUnderWay], [true, true, true]);
    await waitUntil(() => reloads > 0);
    assert.equal(reloads, 1);
  });

  it("lets the reloaded page know, and reloads it no more for a minute", () => {
    openPage().start(0);
    now += MINUTE_MS - 1;
    const reloaded = openPage();
    assert.equal(reloaded.wasJustNow, true);
    assert.equal(reloaded.start(0), false);
    assert.equal(reloaded.isUnderWay, false);
    now += 1;
    assert.equal(reloaded.wasJustNow, false);
    assert.equal(reloaded.start(0), true);
  });

  it("is not fooled by a clock that was set back", () => {
    openPage().start(0);
    now -= 10 * MINUTE_MS;
    assert.equal(openPage().start(0), true);
    now -= MINUTE_MS / 2;
    assert.equal(openPage().start(0), false);
  });

  it("reloads nothing where it could not remember that it did", () => {
    storage.isReadOnly = true;
    assert.equal(openPage().start(0), false);
    storage.isClosed = true;
    const page = openPage();
    assert.deepEqual([page.wasJustNow, page.start(0), page.isUnderWay], [false, false, false]);
  });
});

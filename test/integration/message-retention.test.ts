import assert from "node:assert/strict";
import { join } from "node:path";
import type { RetentionLimits } from "../../server/limits/server-limits.ts";
import { silentLogger } from "../../server/logger.ts";
import { openStore } from "../../server/persistence/open-store.ts";
import type { Store } from "../../server/persistence/store.ts";
import { messageOf, NOW, offsetsOf, saveOf } from "../contracts/store-contract.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const BRIEF = "brief";

for (const scheme of ["memory:", "sqlite:"]) {
  describe(`a ${scheme} store of which a topic keeps less than others`, () => {
    let clock: FakeClock;
    let store: Store;
    const folder = useTemporaryFolder();
    let count = 0;

    beforeEach(async () => {
      clock = new FakeClock(NOW);
      const retentionOf = (topic: string): Partial<RetentionLimits> =>
        topic === BRIEF ? { messages: 3, ageMs: 1_000 } : {};
      const bounds = { maxMessages: 4, maxAgeMs: 60_000, retentionOf };
      const file = join(folder(), `${(count += 1)}.db`);
      const url = scheme === "memory:" ? scheme : `${scheme}${file}`;
      store = await openStore(url, { clock, logger: silentLogger, ...bounds });
      for (let offset = 1; offset <= 5; offset += 1) {
        await saveOf(store, messageOf(offset, { topic: BRIEF }));
        await saveOf(store, messageOf(offset));
      }
    });

    afterEach(() => store.close());

    it("has so many messages of it, and of others as many as ever", async () => {
      assert.deepEqual(await offsetsOf(store, BRIEF), [5, 4, 3]);
      assert.deepEqual(await offsetsOf(store), [5, 4, 3, 2]);
    });

    it("finds none of it that is too old, to read or to replace", async () => {
      clock.advanceSync(1_004);
      assert.deepEqual(await offsetsOf(store, BRIEF), [5, 4]);
      assert.equal(await store.findMessage(BRIEF, "id-3"), undefined);
      assert.equal(await store.replaceMessage(messageOf(3, { topic: BRIEF })), false);
      assert.deepEqual(await offsetsOf(store), [5, 4, 3, 2]);
      clock.advanceSync(60_000);
      assert.deepEqual(await offsetsOf(store), []);
    });
  });
}

import assert from "node:assert/strict";
import { MemoryStore } from "../../../../server/persistence/memory-store.ts";
import { messageOf, offsetsOf, saveOf, storeContract } from "../../../contracts/store-contract.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

describe("MemoryStore", () => {
  describe("keeps the promises of a store:", () => {
    storeContract((options) => {
      const store = new MemoryStore(options);
      return {
        store,
        failWrites(isFailing) {
          store.intercept(() =>
            isFailing ? Promise.reject(new Error("disk full")) : Promise.resolve(),
          );
        },
      };
    });
  });

  it("lets a test hold a write back, and every later one with it", async () => {
    await using store = new MemoryStore({ clock: new FakeClock() });
    const { promise, resolve } = Promise.withResolvers<void>();
    const gates = [promise, Promise.resolve()];
    store.intercept(() => gates.shift()!);
    const saves = [saveOf(store, messageOf(1)), saveOf(store, messageOf(2))];
    await new Promise((turn) => setImmediate(turn));
    assert.deepEqual(await offsetsOf(store), []);
    resolve();
    await Promise.all(saves);
    assert.deepEqual(await offsetsOf(store), [2, 1]);
  });

  it("hands out messages that nobody can change", async () => {
    await using store = new MemoryStore({ clock: new FakeClock() });
    await saveOf(store, messageOf(1));
    const [message] = await store.loadMessages("chat/general", 1);
    assert.throws(() => Object.assign(message!, { data: "changed" }), { name: "TypeError" });
  });
});

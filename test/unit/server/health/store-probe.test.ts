import assert from "node:assert/strict";
import { StoreProbe } from "../../../../server/health/store-probe.ts";
import { STORE_PROBE_INTERVAL_MS, STORE_PROBE_TIMEOUT_MS } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

/** A store that does with a write what the test says. */
class FakeWrites {
  readonly clock = new FakeClock();
  count = 0;
  outcome: () => Promise<void> = () => Promise.resolve();
  readonly probe = new StoreProbe(
    {
      saveTopic: () => {
        this.count += 1;
        return this.outcome();
      },
    },
    this.clock,
  );
}

describe("StoreProbe", () => {
  it("finds a store that takes writes available", async () => {
    assert.equal(await new FakeWrites().probe.isAvailable(), true);
  });

  it("finds one that refuses writes unavailable, and available again when it takes them", async () => {
    const writes = new FakeWrites();
    writes.outcome = () => Promise.reject(new Error("disk full"));
    assert.equal(await writes.probe.isAvailable(), false);
    writes.outcome = () => Promise.resolve();
    await writes.clock.advance(STORE_PROBE_INTERVAL_MS);
    assert.equal(await writes.probe.isAvailable(), true);
  });

  it("finds one that does not answer unavailable", async () => {
    const writes = new FakeWrites();
    writes.outcome = () => new Promise(() => {});
    const asking = writes.probe.isAvailable();
    await writes.clock.advance(STORE_PROBE_TIMEOUT_MS);
    assert.equal(await asking, false);
  });

  it("writes once a second at most, however many ask", async () => {
    const writes = new FakeWrites();
    for (let asked = 0; asked < 100; asked += 1) await writes.probe.isAvailable();
    assert.equal(writes.count, 1);
    await writes.clock.advance(STORE_PROBE_INTERVAL_MS);
    await Promise.all([writes.probe.isAvailable(), writes.probe.isAvailable()]);
    assert.equal(writes.count, 2);
  });
});

import assert from "node:assert/strict";
import { within } from "../../../server/within.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("within", () => {
  it("is true when the work is done in time, and leaves no timer", async () => {
    const clock = new FakeClock();
    assert.equal(await within(clock, 1_000, Promise.resolve("done")), true);
    assert.equal(clock.pendingTimers, 0);
  });

  it("is false when the time is over, whatever the work does later", async () => {
    const clock = new FakeClock();
    const work = Promise.withResolvers<void>();
    const waiting = within(clock, 1_000, work.promise);
    await clock.advance(1_000);
    assert.equal(await waiting, false);
    work.reject(new Error("later"));
    await clock.advance(0);
  });

  it("rejects when the work does so in time, and leaves no timer", async () => {
    const clock = new FakeClock();
    const work = Promise.reject(new Error("broken"));
    await assert.rejects(within(clock, 1_000, work), /broken/);
    assert.equal(clock.pendingTimers, 0);
  });
});

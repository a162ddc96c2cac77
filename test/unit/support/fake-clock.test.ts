import assert from "node:assert/strict";
import { FakeClock } from "../../support/fake-clock.ts";

describe("FakeClock", () => {
  it("runs due timers in the order of time, each at its own time", async () => {
    const clock = new FakeClock(0);
    const ran: string[] = [];
    clock.schedule(30, () => ran.push(`late at ${clock.now()}`));
    clock.schedule(10, () => ran.push(`early at ${clock.now()}`));
    clock.schedule(31, () => ran.push("not yet"));
    await clock.advance(30);
    assert.deepEqual(ran, ["early at 10", "late at 30"]);
    assert.equal(clock.now(), 30);
    assert.equal(clock.pendingTimers, 1);
  });

  it("runs a timer that an async callback scheduled, when it falls due", async () => {
    const clock = new FakeClock(0);
    let ranAt = -1;
    const scheduleLater = async (): Promise<void> => {
      await Promise.resolve();
      clock.schedule(5, () => (ranAt = clock.now()));
    };
    clock.schedule(10, () => void scheduleLater());
    await clock.advance(20);
    assert.equal(ranAt, 15);
  });

  it("does not run a timer that was cancelled", () => {
    const clock = new FakeClock();
    const cancel = clock.schedule(1, () => assert.fail("cancelled"));
    cancel();
    cancel();
    clock.advanceSync(10);
    assert.equal(clock.pendingTimers, 0);
  });
});

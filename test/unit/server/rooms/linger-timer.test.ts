import assert from "node:assert/strict";
import { LingerTimer } from "../../../../server/rooms/linger-timer.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

class Lingering {
  readonly clock = new FakeClock();
  isEmpty = true;
  closes = 0;
  readonly timer = new LingerTimer(
    this.clock,
    60_000,
    () => this.isEmpty,
    () => void (this.closes += 1),
  );
}

describe("LingerTimer", () => {
  it("does nothing before it is started", () => {
    const { clock } = new Lingering();
    assert.equal(clock.pendingTimers, 0);
  });

  it("closes a room that is empty when the time is over, once", () => {
    const lingering = new Lingering();
    lingering.timer.restart();
    lingering.clock.advanceSync(59_999);
    assert.equal(lingering.closes, 0);
    lingering.clock.advanceSync(1);
    assert.equal(lingering.closes, 1);
    lingering.clock.advanceSync(600_000);
    assert.equal(lingering.closes, 1);
    assert.equal(lingering.clock.pendingTimers, 0);
  });

  it("begins anew when it is restarted", () => {
    const lingering = new Lingering();
    lingering.timer.restart();
    lingering.clock.advanceSync(40_000);
    lingering.timer.restart();
    assert.equal(lingering.clock.pendingTimers, 1);
    lingering.clock.advanceSync(59_999);
    assert.equal(lingering.closes, 0);
    lingering.clock.advanceSync(1);
    assert.equal(lingering.closes, 1);
  });

  it("looks again later at a room that is not empty", () => {
    const lingering = new Lingering();
    lingering.isEmpty = false;
    lingering.timer.restart();
    lingering.clock.advanceSync(150_000);
    assert.equal(lingering.closes, 0);
    lingering.isEmpty = true;
    lingering.clock.advanceSync(30_000);
    assert.equal(lingering.closes, 1);
  });

  it("closes nothing and has no timer once it is stopped", () => {
    const lingering = new Lingering();
    lingering.timer.restart();
    lingering.timer.stop();
    assert.equal(lingering.clock.pendingTimers, 0);
    lingering.clock.advanceSync(600_000);
    assert.equal(lingering.closes, 0);
  });
});

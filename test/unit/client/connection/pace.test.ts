import assert from "node:assert/strict";
import { Pace } from "../../../../client/connection/pace.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

describe("Pace", () => {
  it("lets the first ones go at once and the next a second after the first", () => {
    const clock = new FakeClock();
    const pace = new Pace(clock, 3);
    for (let count = 0; count < 3; count += 1) {
      assert.equal(pace.waitMs, 0);
      pace.sent();
      clock.advanceSync(100);
    }
    assert.equal(pace.waitMs, 700);
    clock.advanceSync(700);
    assert.equal(pace.waitMs, 0);
    pace.sent();
    assert.equal(pace.waitMs, 100);
  });

  it("keeps every second under the limit, wherever it begins", () => {
    const clock = new FakeClock();
    const pace = new Pace(clock, 10);
    const times: number[] = [];
    for (let step = 0; step < 500; step += 1) {
      if (pace.waitMs === 0) {
        pace.sent();
        times.push(clock.now());
      }
      clock.advanceSync((step * 7) % 53);
    }
    for (const begin of times) {
      const within = times.filter((time) => time >= begin && time < begin + 1_000);
      assert.ok(within.length <= 10);
    }
  });
});

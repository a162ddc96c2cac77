import assert from "node:assert/strict";
import { uniteTickRate } from "../../../../server/rooms/tick-rate.ts";

describe("uniteTickRate", () => {
  it("takes the rate that a class declares as ticksPerSecond", () => {
    const room = { ticksPerSecond: 40, patchRate: 50 };
    uniteTickRate(room);
    assert.equal(room.ticksPerSecond, 40);
  });

  it("takes the rate that a class declares as Colyseus's patchRate", () => {
    const room = { ticksPerSecond: 20, patchRate: 200 };
    uniteTickRate(room);
    assert.equal(room.ticksPerSecond, 5);
  });

  it("prefers ticksPerSecond where a class declares both", () => {
    const room = { ticksPerSecond: 30, patchRate: 200 };
    uniteTickRate(room);
    assert.equal(room.ticksPerSecond, 30);
  });

  it("takes Infinity for a tick in each turn of the event loop", () => {
    const room = { ticksPerSecond: Infinity, patchRate: 50 };
    uniteTickRate(room);
    assert.equal(room.ticksPerSecond, Infinity);
  });

  for (const rate of [0, -1, 241, Number.NaN, -Infinity]) {
    it(`refuses a rate of ${rate}, when it is declared and when it is set`, () => {
      assert.throws(() => uniteTickRate({ ticksPerSecond: rate, patchRate: 50 }), RangeError);
      const room = { ticksPerSecond: 20, patchRate: 50 };
      uniteTickRate(room);
      assert.throws(() => (room.ticksPerSecond = rate), RangeError);
      assert.equal(room.ticksPerSecond, 20);
    });
  }
});

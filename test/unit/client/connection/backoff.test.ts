import assert from "node:assert/strict";
import { rejoinDelayMs } from "../../../../client/connection/backoff.ts";

const attempts = [0, 1, 2, 3, 4, 5, 6, 100];

describe("rejoinDelayMs", () => {
  it("doubles from 1 s up to 30 s", () => {
    const delays = attempts.map((attempt) => rejoinDelayMs(attempt, false, () => 0.5));
    assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("spreads by a fifth to either side", () => {
    assert.equal(
      rejoinDelayMs(2, false, () => 0),
      3_200,
    );
    assert.equal(
      rejoinDelayMs(2, false, () => 1),
      4_800,
    );
  });

  it("spreads over the whole delay after an announced restart", () => {
    for (const attempt of attempts) {
      assert.equal(
        rejoinDelayMs(attempt, true, () => 0),
        0,
      );
    }
    assert.equal(
      rejoinDelayMs(1, true, () => 0.75),
      1_500,
    );
    assert.equal(
      rejoinDelayMs(100, true, () => 1),
      30_000,
    );
  });
});

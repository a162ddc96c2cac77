import assert from "node:assert/strict";
import { backoffDelayMs } from "../../../shared/backoff.ts";

describe("backoffDelayMs", () => {
  it("doubles from 1 s up to 30 s and stays there", () => {
    const middle = (): number => 0.5;
    const delays = Array.from({ length: 8 }, (_, attempt) => backoffDelayMs(attempt, middle));
    assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("spreads each delay by a fifth to either side", () => {
    assert.equal(
      backoffDelayMs(0, () => 0),
      800,
    );
    assert.equal(
      backoffDelayMs(0, () => 1),
      1_200,
    );
    assert.equal(
      backoffDelayMs(9, () => 0),
      24_000,
    );
    assert.equal(
      backoffDelayMs(9, () => 1),
      36_000,
    );
  });

  it("is a whole number of milliseconds, also after attempts without end", () => {
    for (const attempt of [0, 3, 100, 2_000]) {
      const delayMs = backoffDelayMs(attempt);
      assert.ok(Number.isInteger(delayMs) && delayMs >= 800 && delayMs <= 36_000, `${delayMs}`);
    }
  });
});

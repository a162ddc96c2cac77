import assert from "node:assert/strict";
import { SeededRandom } from "../../support/seeded-random.ts";

describe("SeededRandom", () => {
  it("repeats its numbers for the same seed", () => {
    const numbers = (seed: number): number[] => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 100 }, random.next);
    };
    assert.deepEqual(numbers(7), numbers(7));
    assert.notDeepEqual(numbers(7), numbers(8));
  });

  it("reaches both ends of a range of whole numbers and nothing beyond", () => {
    const random = new SeededRandom(1);
    const seen = new Set(Array.from({ length: 1_000 }, () => random.integer(-1, 2)));
    assert.deepEqual(seen, new Set([-1, 0, 1, 2]));
  });
});

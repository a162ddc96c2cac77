import assert from "node:assert/strict";
import { timeAgo } from "../../../../examples/gallery/time-ago.ts";

describe("timeAgo", () => {
  for (const [ageMs, words] of [
    [0, "just now"],
    [9_999, "just now"],
    [10_000, "10 s ago"],
    [59_999, "59 s ago"],
    [60_000, "1 min ago"],
    [3_600_000, "1 h ago"],
    [90_000_000, "1 d ago"],
  ] as const) {
    it(`calls ${ageMs} ms "${words}"`, () => {
      assert.equal(timeAgo(ageMs), words);
    });
  }
});

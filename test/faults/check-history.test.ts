import assert from "node:assert/strict";
import { checkHistory, isClean } from "./support/check-history.ts";
import type { HeardEntry, History } from "./support/history.ts";

/** One topic with three acknowledged messages of one publisher, and what each subscriber heard. */
function historyOf(...subscribers: HeardEntry[][]): History {
  return {
    published: [1, 2, 3].map((seq) => ({ topic: 0, from: 7, seq, offset: seq })),
    subscriptions: subscribers.map((heard, client) => ({ client, topic: 0, heard })),
  };
}

describe("checkHistory", () => {
  it("finds nothing wrong with what everybody heard once and in order", () => {
    const heard: HeardEntry[] = [
      [1, 7, 1],
      ["recovered", 2],
      [2, 7, 2],
      [3, 7, 3],
    ];
    const verdict = checkHistory(historyOf(heard, heard));
    assert.ok(isClean(verdict));
    assert.deepEqual(
      [verdict.published, verdict.delivered, verdict.replayed, verdict.flaggedGaps],
      [3, 6, 4, 0],
    );
  });

  it("finds a message that is missing in the middle, and one at the end", () => {
    const verdict = checkHistory(
      historyOf(
        [
          [1, 7, 1],
          [3, 7, 3],
        ],
        [
          [1, 7, 1],
          [2, 7, 2],
        ],
      ),
    );
    assert.deepEqual([verdict.lost, verdict.unflaggedGaps], [2, 1]);
    assert.ok(!isClean(verdict));
  });

  it("excuses what a subscriber was told is missing, and no more than that", () => {
    const told = checkHistory(historyOf([[1, 7, 1], ["resync"], [3, 7, 3]], [["resync"]]));
    assert.deepEqual([told.lost, told.flaggedGaps, told.unflaggedGaps], [0, 1, 0]);
    const tooLate = checkHistory(historyOf([[1, 7, 1], [3, 7, 3], ["resync"]]));
    assert.deepEqual([tooLate.lost, tooLate.unflaggedGaps], [1, 1]);
  });

  it("finds what was delivered twice, and what was published twice", () => {
    const twice = checkHistory(
      historyOf([
        [1, 7, 1],
        [2, 7, 2],
        [2, 7, 2],
        [3, 7, 3],
      ]),
    );
    assert.deepEqual([twice.duplicated, twice.reordered, twice.lost], [1, 0, 0]);
    const again = checkHistory(
      historyOf([
        [1, 7, 1],
        [2, 7, 2],
        [3, 7, 3],
        [4, 7, 2],
      ]),
    );
    assert.equal(again.duplicated, 1);
  });

  it("finds what came out of order, and two subscribers who saw another order", () => {
    const late = checkHistory(
      historyOf([
        [2, 7, 2],
        [1, 7, 1],
        [3, 7, 3],
      ]),
    );
    assert.deepEqual([late.reordered, late.lost], [1, 0]);
    const other = checkHistory(
      historyOf([
        [1, 7, 1],
        [2, 8, 1],
        [3, 9, 1],
      ]),
    );
    assert.equal(other.reordered, 2);
  });

  it("does not ask for what was refused", () => {
    const verdict = checkHistory({
      published: [{ topic: 0, from: 7, seq: 1, code: "timed-out" }],
      subscriptions: [{ client: 0, topic: 0, heard: [] }],
    });
    assert.ok(isClean(verdict));
    assert.deepEqual([verdict.published, verdict.refused], [0, 1]);
  });
});

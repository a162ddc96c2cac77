import assert from "node:assert/strict";
import { DirtyCells } from "../../../../shared/state/dirty-cells.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

function filled(cellCount: number, indices: Iterable<number>): DirtyCells {
  const cells = new DirtyCells(cellCount);
  for (const index of indices) cells.add(index);
  return cells;
}

function someIndices(seed: number, cellCount: number, count: number): Set<number> {
  const random = new SeededRandom(seed);
  const indices = new Set<number>();
  while (indices.size < count) indices.add(random.integer(0, cellCount - 1));
  return indices;
}

function ascending(indices: Iterable<number>): Uint32Array {
  return Uint32Array.from(indices).toSorted();
}

describe("DirtyCells", () => {
  // Around 1,024 it stops keeping a list and scans its bits.
  for (const count of [0, 1, 2, 1_023, 1_024, 1_025, 9_999, 10_000]) {
    it(`holds each of ${count} cells once, and gives them in order`, () => {
      const indices = someIndices(count, 10_000, count);
      const cells = filled(10_000, [...indices, ...indices]);
      assert.equal(cells.count, count);
      assert.deepEqual(cells.sorted(), ascending(indices));
    });

    it(`is empty after clear with ${count} cells, and can be filled again`, () => {
      const cells = filled(10_000, someIndices(count, 10_000, count));
      cells.clear();
      assert.equal(cells.count, 0);
      assert.deepEqual(cells.sorted(), new Uint32Array(0));
      cells.add(31);
      cells.add(9_999);
      assert.deepEqual([...cells.sorted()], [31, 9_999]);
    });
  }

  for (const [one, other] of [
    [0, 5],
    [5, 0],
    [700, 700],
    [2_000, 10],
    [10, 2_000],
    [3_000, 3_000],
  ] as const) {
    it(`becomes the union of ${one} and ${other} cells`, () => {
      const mine = someIndices(one, 8_000, one);
      const theirs = someIndices(other + 1, 8_000, other);
      const cells = filled(8_000, mine);
      cells.addAll(filled(8_000, theirs));
      const union = new Set([...mine, ...theirs]);
      assert.equal(cells.count, union.size);
      assert.deepEqual(cells.sorted(), ascending(union));
      cells.clear();
      assert.deepEqual(cells.sorted(), new Uint32Array(0));
    });
  }

  it("gives an array that later changes leave alone", () => {
    const cells = filled(100, [5, 3]);
    const sorted = cells.sorted();
    cells.clear();
    cells.add(9);
    assert.deepEqual([...sorted], [3, 5]);
  });
});

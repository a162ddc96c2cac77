import assert from "node:assert/strict";
import { ReplayGrid } from "../../../../examples/mini-place/replay-grid.ts";
import type { ReplayedPixel } from "../../../../examples/mini-place/state.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

const BOARD = { width: 3, height: 2, cells: Uint8Array.of(1, 2, 0, 0, 0, 3) };
/** The first cell is painted twice, the second one once; the last one was there before. */
const PIXELS: ReplayedPixel[] = [
  [0, 0, 5, 3_000],
  [1, 0, 2, 2_000],
  [0, 0, 1, 1_000],
];

describe("ReplayGrid", () => {
  it("begins with blank cells where it knows of a pixel, and ends as the board is now", () => {
    const grid = new ReplayGrid(BOARD, PIXELS);
    assert.deepEqual([...grid.cells], [0, 0, 0, 0, 0, 3]);
    assert.equal(grid.ageMs, 3_000);
    grid.show(1);
    assert.deepEqual([...grid.cells], [5, 0, 0, 0, 0, 3]);
    grid.show(3);
    assert.deepEqual([...grid.cells], [...BOARD.cells]);
    assert.equal(grid.ageMs, 1_000);
  });

  it("leaves the board that it was made of alone", () => {
    const cells = BOARD.cells.slice();
    new ReplayGrid(BOARD, PIXELS).show(1);
    assert.deepEqual(BOARD.cells, cells);
  });

  it("tells each cell that changed once, ascending, with the value it has then", () => {
    const grid = new ReplayGrid(BOARD, PIXELS);
    const changes: unknown[] = [];
    grid.onChange((change) => changes.push(change));
    grid.show(3);
    grid.show(3);
    grid.show(1);
    assert.deepEqual(changes, [
      { kind: "cells", indices: Uint32Array.of(0, 1), values: Uint8Array.of(1, 2) },
      { kind: "cells", indices: Uint32Array.of(0, 1), values: Uint8Array.of(5, 0) },
    ]);
  });

  it("stays within its pixels", () => {
    const grid = new ReplayGrid(BOARD, PIXELS);
    grid.show(99);
    assert.equal(grid.shown, 3);
    grid.show(-1);
    assert.equal(grid.shown, 0);
    assert.deepEqual([...grid.cells], [0, 0, 0, 0, 0, 3]);
  });

  it("leaves out what lies outside of the board", () => {
    const grid = new ReplayGrid(BOARD, [[3, 0, 1, 0], [0, 2, 1, 0], ...PIXELS]);
    assert.equal(grid.length, 3);
  });

  it("shows the same moment the same way, whichever way it came there", () => {
    const random = new SeededRandom(7);
    const pixels = Array.from({ length: 200 }, (): ReplayedPixel => {
      return [random.integer(0, 2), random.integer(0, 1), random.integer(0, 7), 0];
    });
    const grid = new ReplayGrid(BOARD, pixels);
    for (let time = 0; time < 100; time++) {
      const count = random.integer(0, 200);
      grid.show(count);
      const straight = new ReplayGrid(BOARD, pixels);
      straight.show(count);
      assert.deepEqual(grid.cells, straight.cells);
    }
  });
});

import assert from "node:assert/strict";
import { MAX_GRID_COLORS, MAX_GRID_EDGE } from "../../../../shared/limits.ts";
import { Grid } from "../../../../shared/state/grid.ts";

describe("Grid", () => {
  it("begins with all cells 0", () => {
    const board = new Grid({ width: 3, height: 2, colors: 4 });
    assert.deepEqual([board.width, board.height, board.colors], [3, 2, 4]);
    assert.deepEqual([...board.cells], [0, 0, 0, 0, 0, 0]);
  });

  it("has no cells on a client before the first full state", () => {
    const board = Grid.initializeForDecoder();
    assert.deepEqual([board.width, board.height, board.colors], [0, 0, 0]);
    assert.equal(board.cells.length, 0);
    assert.throws(() => board.get(0, 0), RangeError);
  });

  it("keeps cells where workers can read them", () => {
    const board = new Grid({ width: 3, height: 2, colors: 4 });
    assert.ok(board.cells.buffer instanceof SharedArrayBuffer);
  });

  it("returns from set whether the cell changed", () => {
    const board = new Grid({ width: 3, height: 2, colors: 4 });
    assert.equal(board.set(2, 1, 3), true);
    assert.equal(board.set(2, 1, 3), false);
    assert.equal(board.get(2, 1), 3);
    assert.deepEqual([...board.cells], [0, 0, 0, 0, 0, 3]);
  });

  it("fills the board and rectangles of it", () => {
    const board = new Grid({ width: 4, height: 3, colors: 4 });
    board.fill(1);
    board.fillRect(1, 1, 2, 2, 2);
    assert.deepEqual([...board.cells], [1, 1, 1, 1, 1, 2, 2, 1, 1, 2, 2, 1]);
  });

  it("iterates over its cells, row by row", () => {
    const board = new Grid({ width: 3, height: 2, colors: 4 });
    board.set(2, 0, 3);
    board.set(0, 1, 1);
    assert.deepEqual([...board], [0, 0, 3, 1, 0, 0]);
    assert.deepEqual([...new Grid()], []);
  });

  it("takes and gives rectangles row by row", () => {
    const board = new Grid({ width: 4, height: 3, colors: 8 });
    board.setRect(2, 1, 2, 2, Uint8Array.of(1, 2, 3, 4));
    assert.deepEqual([...board.cells], [0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4]);
    assert.deepEqual([...board.getRect(1, 0, 3, 2)], [0, 0, 0, 0, 1, 2]);
    assert.equal(board.getRect(0, 0, 0, 3).length, 0);
  });

  it("sets nothing of a rectangle that has one value out of range", () => {
    const board = new Grid({ width: 2, height: 2, colors: 4 });
    assert.throws(() => board.setRect(0, 0, 2, 2, Uint8Array.of(1, 2, 3, 4)), {
      name: "RangeError",
      message: "cell value 4 is not an integer from 0 to 3",
    });
    assert.deepEqual([...board.cells], [0, 0, 0, 0]);
  });

  it("copies itself with clone, in no state yet", () => {
    const board = new Grid({ width: 2, height: 2, colors: 4 });
    board.set(1, 0, 3);
    const copy = board.clone();
    board.set(0, 0, 1);
    assert.deepEqual([...copy.cells], [0, 3, 0, 0]);
    assert.equal(Grid.initializeForDecoder().clone().cells.length, 0);
  });

  it("is its shape as JSON", () => {
    const board = new Grid({ width: 2, height: 3, colors: 4 });
    assert.equal(JSON.stringify(board), '{"width":2,"height":3,"colors":4}');
  });
});

describe("Grid out of range", () => {
  const board = new Grid({ width: 10, height: 5, colors: 32 });

  for (const x of [-1, 10, 1.5, NaN, Infinity, 2 ** 32]) {
    it(`refuses x ${x} and says what x can be`, () => {
      const error = { name: "RangeError", message: `x ${x} is not an integer from 0 to 9` };
      assert.throws(() => board.set(x, 0, 1), error);
      assert.throws(() => board.get(x, 0), error);
      assert.throws(() => board.fillRect(x, 0, 1, 1, 1), error);
    });
  }

  for (const y of [-1, 5, 0.1, NaN, -Infinity]) {
    it(`refuses y ${y} and says what y can be`, () => {
      const error = { name: "RangeError", message: `y ${y} is not an integer from 0 to 4` };
      assert.throws(() => board.set(0, y, 1), error);
      assert.throws(() => board.getRect(0, y, 1, 1), error);
    });
  }

  for (const value of [-1, 32, 256, 1.7, NaN]) {
    it(`refuses value ${value} and says what a cell can be`, () => {
      const error = {
        name: "RangeError",
        message: `cell value ${value} is not an integer from 0 to 31`,
      };
      assert.throws(() => board.set(0, 0, value), error);
      assert.throws(() => board.fill(value), error);
      assert.throws(() => board.fillRect(0, 0, 1, 1, value), error);
    });
  }

  it("refuses a rectangle that leaves the board", () => {
    assert.throws(() => board.fillRect(8, 0, 3, 1, 1), {
      name: "RangeError",
      message: "rectangle width 3 is not an integer from 0 to 2",
    });
    assert.throws(() => board.getRect(0, 4, 1, 2), {
      name: "RangeError",
      message: "rectangle height 2 is not an integer from 0 to 1",
    });
    assert.throws(() => board.setRect(0, 0, 2, 2, new Uint8Array(5)), {
      name: "RangeError",
      message: "5 values for 4 cells",
    });
  });

  for (const [shape, message] of [
    [
      { width: 0, height: 1, colors: 2 },
      `grid width 0 is not an integer from 1 to ${MAX_GRID_EDGE}`,
    ],
    [{ width: 1, height: 4097, colors: 2 }, "grid height 4097 is not an integer from 1 to 4096"],
    [{ width: 1, height: 1.5, colors: 2 }, "grid height 1.5 is not an integer from 1 to 4096"],
    [
      { width: 1, height: 1, colors: 1 },
      `grid colours 1 is not an integer from 2 to ${MAX_GRID_COLORS}`,
    ],
    [{ width: 1, height: 1, colors: 257 }, "grid colours 257 is not an integer from 2 to 256"],
  ] as const) {
    it(`refuses to be made with ${JSON.stringify(shape)}`, () => {
      assert.throws(() => new Grid(shape), { name: "RangeError", message });
    });
  }

  it("can be as large as the limits allow", () => {
    const largest = new Grid({ width: MAX_GRID_EDGE, height: MAX_GRID_EDGE, colors: 256 });
    assert.equal(largest.set(MAX_GRID_EDGE - 1, MAX_GRID_EDGE - 1, 255), true);
    assert.equal(largest.cells.at(-1), 255);
  });
});

describe("Grid#checksum", () => {
  it("is equal for equal boards, whatever way they came about", () => {
    const one = new Grid({ width: 5, height: 3, colors: 4 });
    const other = new Grid({ width: 5, height: 3, colors: 4 });
    one.fill(2);
    other.fill(1);
    other.fill(2);
    assert.equal(one.checksum(), other.checksum());
    assert.equal(one.checksum() >>> 0, one.checksum());
  });

  it("differs when one cell, the shape or the colours differ", () => {
    const board = new Grid({ width: 6, height: 4, colors: 4 });
    const changed = board.clone();
    changed.set(5, 3, 1);
    const sums = [
      board,
      changed,
      new Grid({ width: 4, height: 6, colors: 4 }),
      new Grid({ width: 6, height: 4, colors: 5 }),
    ].map((each) => each.checksum());
    assert.equal(new Set(sums).size, 4);
  });
});

import assert from "node:assert/strict";
import type { Cell } from "../../../../client/pixi/camera.ts";
import { GridCursor } from "../../../../client/pixi/grid-cursor.ts";

const GRID = { width: 8, height: 8 };
const MIDDLE = { x: 4, y: 4 };
const RIGHT = { x: 1, y: 0 };

describe("GridCursor", () => {
  let pointed: (Cell | undefined)[];
  let cursor: GridCursor;

  beforeEach(() => {
    pointed = [];
    cursor = new GridCursor();
    cursor.onChange((cell) => pointed.push(cell));
  });

  it("shows itself at the start with the first move, then moves", () => {
    assert.deepEqual(cursor.move(RIGHT, GRID, MIDDLE), { x: 4, y: 4 });
    assert.deepEqual(cursor.move(RIGHT, GRID, MIDDLE), { x: 5, y: 4 });
    assert.deepEqual(pointed, [
      { x: 4, y: 4 },
      { x: 5, y: 4 },
    ]);
  });

  it("shows itself under the mouse when the mouse is on the grid", () => {
    cursor.hover({ x: 2, y: 1 });
    assert.deepEqual(cursor.move(RIGHT, GRID, MIDDLE), { x: 2, y: 1 });
  });

  it("stays within the grid", () => {
    cursor.move(RIGHT, GRID, MIDDLE);
    assert.deepEqual(cursor.move({ x: 100, y: -100 }, GRID, MIDDLE), { x: 7, y: 0 });
  });

  it("comes back where it was hidden", () => {
    cursor.move(RIGHT, GRID, MIDDLE);
    cursor.move(RIGHT, GRID, MIDDLE);
    cursor.hide();
    assert.equal(cursor.shown, undefined);
    assert.deepEqual(cursor.move(RIGHT, GRID, MIDDLE), { x: 5, y: 4 });
  });

  it("begins where a cell was tapped last", () => {
    cursor.placeAt({ x: 1, y: 1 });
    assert.deepEqual(cursor.move(RIGHT, GRID, MIDDLE), { x: 1, y: 1 });
  });

  it("tells of a cell once, not of every move of the mouse within it", () => {
    cursor.hover({ x: 2, y: 1 });
    cursor.hover({ x: 2, y: 1 });
    cursor.hover(undefined);
    assert.deepEqual(pointed, [{ x: 2, y: 1 }, undefined]);
  });
});

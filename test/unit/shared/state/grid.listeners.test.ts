import assert from "node:assert/strict";
import type { GridChange } from "../../../../shared/state/cell-changes.ts";
import { Grid } from "../../../../shared/state/grid.ts";
import { Board } from "./grid-states.ts";
import { StatePair } from "./state-pair.ts";

type Cell = [x: number, y: number, value: number, previous: number];

function watched(board: Grid): { cells: Cell[]; changes: GridChange[] } {
  const heard: { cells: Cell[]; changes: GridChange[] } = { cells: [], changes: [] };
  board.onCell((...cell) => heard.cells.push(cell));
  board.onChange((change) => heard.changes.push(change));
  return heard;
}

describe("Grid listeners on a client", () => {
  it("hear each changed cell and one list of them, once all are applied", () => {
    const pair = new StatePair(new Board());
    const { state } = pair.join();
    const { cells, changes } = watched(state.canvas);
    const whenCalled: number[][] = [];
    state.canvas.onCell(() => whenCalled.push([...state.canvas.getRect(0, 0, 3, 1)]));
    pair.encoder.state.canvas.set(2, 0, 9);
    pair.encoder.state.canvas.set(0, 0, 7);
    pair.tick();
    assert.deepEqual(cells, [
      [0, 0, 7, 0],
      [2, 0, 9, 0],
    ]);
    assert.deepEqual(changes, [
      { kind: "cells", indices: Uint32Array.of(0, 2), values: Uint8Array.of(7, 9) },
    ]);
    assert.deepEqual(whenCalled, [
      [7, 0, 9],
      [7, 0, 9],
    ]);
  });

  it("hear nothing about cells that are sent but not changed", () => {
    const pair = new StatePair(new Board());
    pair.encoder.state.canvas.set(1, 1, 5);
    const { state, decoder } = pair.join();
    const { cells, changes } = watched(state.canvas);
    pair.tick();
    decoder.decodeResync(pair.fullState());
    assert.deepEqual(cells, []);
    assert.deepEqual(changes, []);
  });

  it("hear a patch of which some cells are old as a list of the new ones", () => {
    const pair = new StatePair(new Board());
    pair.encoder.state.canvas.set(1, 1, 5);
    const { state } = pair.join();
    const { cells, changes } = watched(state.canvas);
    pair.encoder.state.canvas.set(29, 19, 6);
    pair.tick();
    assert.deepEqual(cells, [[29, 19, 6, 0]]);
    assert.deepEqual(changes, [
      { kind: "cells", indices: Uint32Array.of(599), values: Uint8Array.of(6) },
    ]);
  });

  it("hear a resync with few changed cells as a list", () => {
    const pair = new StatePair(new Board());
    const { state, decoder } = pair.join();
    const { cells, changes } = watched(state.canvas);
    pair.encoder.state.canvas.set(3, 2, 31);
    pair.encodeTick();
    decoder.decodeResync(pair.fullState());
    assert.deepEqual(cells, [[3, 2, 31, 0]]);
    assert.deepEqual(changes, [
      { kind: "cells", indices: Uint32Array.of(63), values: Uint8Array.of(31) },
    ]);
  });

  it("hear of more than 4,096 cells, and a sixteenth of the board, as all and cell by cell", () => {
    const pair = new StatePair(new Board());
    pair.encoder.state.canvas = new Grid({ width: 200, height: 100, colors: 8 });
    const { state, decoder } = pair.join();
    const { cells, changes } = watched(state.canvas);
    pair.encoder.state.canvas.fillRect(0, 0, 64, 64, 4);
    pair.tick();
    assert.equal(cells.length, 4_096);
    assert.equal(changes.at(-1)?.kind, "cells");
    pair.encoder.state.canvas.fillRect(100, 0, 100, 50, 5);
    pair.tick();
    assert.deepEqual(changes.at(-1), { kind: "all" });
    pair.encoder.state.canvas.fillRect(0, 50, 200, 50, 6);
    pair.encodeTick();
    decoder.decodeResync(pair.fullState());
    assert.deepEqual(changes.at(-1), { kind: "all" });
    assert.equal(changes.length, 3);
    assert.equal(cells.length, 4_096 + 5_000 + 10_000);
    assert.deepEqual(cells.at(-1), [199, 99, 6, 0]);
  });

  it("hear of scattered changes in a large part of the board as all, too", () => {
    const pair = new StatePair(new Board());
    pair.encoder.state.canvas = new Grid({ width: 200, height: 100, colors: 256 });
    const { canvas } = pair.encoder.state;
    const { state } = pair.join();
    const { cells, changes } = watched(state.canvas);
    for (let y = 0; y < 100; y++)
      for (let x = y % 4; x < 200; x += 4) canvas.set(x, y, ((x * y) % 255) + 1);
    pair.tick();
    assert.deepEqual(changes, [{ kind: "all" }]);
    assert.equal(cells.length, 5_000);
    assert.equal(state.canvas.checksum(), canvas.checksum());
  });

  it("hear nothing more of a board that was replaced", () => {
    const pair = new StatePair(new Board());
    const { decoder, state } = pair.join();
    const { cells, changes } = watched(state.canvas);
    const next = pair.encoder.state.canvas.clone();
    pair.encoder.state.canvas = next;
    pair.tick();
    next.set(1, 1, 1);
    pair.tick();
    decoder.decodeResync(pair.fullState());
    assert.equal(state.canvas.get(1, 1), 1);
    assert.deepEqual([cells, changes], [[], []]);
  });

  it("keep their arrays when the next patch arrives", () => {
    const pair = new StatePair(new Board());
    const { state } = pair.join();
    const { changes } = watched(state.canvas);
    pair.encoder.state.canvas.set(0, 0, 1);
    pair.tick();
    const first = structuredClone(changes[0]);
    pair.encoder.state.canvas.set(0, 0, 2);
    pair.tick();
    assert.deepEqual(changes[0], first);
  });

  it("stop when they are told to", () => {
    const pair = new StatePair(new Board());
    const { state } = pair.join();
    let calls = 0;
    const stops = [state.canvas.onCell(() => calls++), state.canvas.onChange(() => calls++)];
    pair.encoder.state.canvas.set(0, 0, 1);
    pair.tick();
    for (const stop of stops) stop();
    pair.encoder.state.canvas.set(0, 0, 2);
    pair.tick();
    assert.equal(calls, 2);
  });
});

describe("Grid listeners that throw", () => {
  const queueMicrotask = globalThis.queueMicrotask;
  let reports: (() => void)[] = [];
  beforeEach(() => {
    reports = [];
    globalThis.queueMicrotask = (report) => reports.push(report);
  });
  afterEach(() => {
    globalThis.queueMicrotask = queueMicrotask;
  });

  it("harm neither the other listeners nor the decoding, and are reported", () => {
    const pair = new StatePair(new Board());
    const { state } = pair.join();
    state.canvas.onCell(() => {
      throw new Error("broken cell listener");
    });
    state.canvas.onChange(() => {
      throw new Error("broken change listener");
    });
    const { cells, changes } = watched(state.canvas);
    pair.encoder.state.canvas.set(4, 4, 4);
    pair.encoder.state.ticks = 12;
    pair.tick();
    assert.deepEqual(cells, [[4, 4, 4, 0]]);
    assert.equal(changes.length, 1);
    assert.equal(state.ticks, 12);
    assert.throws(() => reports[0]?.(), /broken cell listener/);
    assert.throws(() => reports[1]?.(), /broken change listener/);
  });
});

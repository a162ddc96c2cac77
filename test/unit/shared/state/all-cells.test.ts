import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { MAX_DEFLATED_GRID_CELLS } from "../../../../shared/limits.ts";
import {
  decodeAllCells,
  deflatedCells,
  encodeAllCells,
} from "../../../../shared/state/all-cells.ts";
import { CellsMode } from "../../../../shared/state/cells-mode.ts";
import { packedLength } from "../../../../shared/state/packed-cells.ts";
import { encodeRuns } from "../../../../shared/state/run-length.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { checkBoards } from "./boards.ts";

const MALFORMED = { name: "SyncError", code: "state-malformed" };

function noise(count: number, colors: number): Uint8Array {
  const random = new SeededRandom(count);
  return Uint8Array.from({ length: count }, () => random.integer(0, colors - 1));
}

describe("encodeAllCells", () => {
  it("is decoded to the same cells for any size, colours and density", () => {
    checkBoards(({ cells, colors }) => {
      assert.deepEqual(decodeAllCells(encodeAllCells(cells, colors), cells.length, colors), cells);
    });
  });

  it("never takes more than the packed cells and their mode", () => {
    checkBoards(({ cells, colors }) => {
      assert.ok(encodeAllCells(cells, colors).length <= 1 + packedLength(cells.length, colors));
    });
  });

  it("packs noise, writes an empty board as a run, and deflates what repeats", () => {
    const stripes = Uint8Array.from({ length: 4_000 }, (_, index) => index % 3);
    assert.equal(encodeAllCells(noise(4_000, 32), 32)[0], CellsMode.PACKED);
    assert.equal(encodeAllCells(new Uint8Array(4_000), 32)[0], CellsMode.RUNS);
    assert.equal(encodeAllCells(stripes, 32)[0], CellsMode.DEFLATED_RUNS);
  });

  it("writes the largest empty board in six bytes", () => {
    assert.ok(encodeAllCells(new Uint8Array(4_096 * 4_096), 32).length <= 6);
  });

  it("does not compress a large board on this thread", () => {
    const stripes = Uint8Array.from({ length: MAX_DEFLATED_GRID_CELLS + 1 }, (_, at) => at % 3);
    assert.equal(encodeAllCells(stripes, 32)[0], CellsMode.PACKED);
  });

  it("reads cells in shared memory like any others", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(1_000));
    shared.set(noise(1_000, 9));
    assert.deepEqual(encodeAllCells(shared, 9), encodeAllCells(noise(1_000, 9), 9));
  });
});

describe("deflatedCells", () => {
  it("is decoded like what was deflated here, whoever deflated the runs", () => {
    checkBoards(({ cells, colors }) => {
      const runs = encodeRuns(cells, colors, Infinity)!;
      const body = deflatedCells(deflateRawSync(runs, { level: 6 }));
      assert.deepEqual(decodeAllCells(body, cells.length, colors), cells);
    });
  });
});

describe("decodeAllCells", () => {
  const runs = (...bytes: number[]): Uint8Array => Uint8Array.of(CellsMode.RUNS, ...bytes);
  const refused: [what: string, body: Uint8Array, message: string][] = [
    ["nothing", new Uint8Array(0), "state ends at byte 0"],
    ["a patch", Uint8Array.of(3, 0), "mode 3 of a full state is unknown"],
    ["packed cells that are too few", Uint8Array.of(0, 1), "packed cells of 1 bytes, 38 expected"],
    ["packed cells that are too many", new Uint8Array(40), "packed cells of 39 bytes, 38 expected"],
    [
      "a packed value past the colours",
      new Uint8Array(39).fill(255, 1),
      "cell value 7 in a grid of 5 colours",
    ],
    ["runs that are too short", runs(0x00), "runs fill 1 of 100 cells"],
    ["a run past the board", runs(0xf8, 100), "run of 132 cells, 100 left"],
    ["a run's value past the colours", runs(0xff, 68), "cell value 7 in a grid of 5 colours"],
    ["a run that ends too early", runs(0xf8, 128), "state ends inside a run length"],
    [
      "a run length without end",
      runs(0xf8, 128, 128, 128, 128, 1),
      "run length is longer than 4 bytes",
    ],
    ["what does not inflate", Uint8Array.of(2, 7, 7, 7), "runs do not inflate"],
    ["a deflated nothing", Uint8Array.of(2), "runs fill 0 of 100 cells"],
  ];
  for (const [what, body, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeAllCells(body, 100, 5), { ...MALFORMED, message });
    });
  }
});

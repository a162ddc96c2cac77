import assert from "node:assert/strict";
import { compressCells } from "../../../../server/state/compress-cells.ts";
import { decodeAllCells, encodeAllCells } from "../../../../shared/state/all-cells.ts";
import { CellsMode } from "../../../../shared/state/cells-mode.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

const CELLS = 100_000;

function compressed(cells: Uint8Array, colors: number): number {
  const body = compressCells(cells, colors);
  assert.deepEqual(decodeAllCells(body, cells.length, colors), cells);
  assert.ok(body.length <= encodeAllCells(cells, colors).length);
  return body[0]!;
}

describe("compressCells", () => {
  it("deflates the runs of a picture, however large the board", () => {
    const cells = Uint8Array.from({ length: CELLS }, (_, at) => (at >> 4) % 5);
    assert.equal(compressed(cells, 32), CellsMode.DEFLATED_RUNS);
  });

  it("deflates runs that are longer than packed cells, as of a dithered area", () => {
    const cells = Uint8Array.from({ length: CELLS }, (_, at) => at % 2);
    assert.equal(compressed(cells, 32), CellsMode.DEFLATED_RUNS);
  });

  it("packs what nothing makes shorter, and leaves runs as they are where those are shorter", () => {
    const random = new SeededRandom(8);
    const noise = Uint8Array.from({ length: CELLS }, () => random.integer(0, 255));
    assert.equal(compressed(noise, 256), CellsMode.PACKED);
    assert.equal(compressed(new Uint8Array(CELLS), 2), CellsMode.RUNS);
  });
});

import assert from "node:assert/strict";
import { CellsMode, MODE_MASK } from "../../../../shared/state/cells-mode.ts";
import { decodeCellPatch, encodeCellPatch } from "../../../../shared/state/cell-patch.ts";
import { bitsPerCell } from "../../../../shared/state/grid-shape.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { checkBoards } from "./boards.ts";

const MALFORMED = { name: "SyncError", code: "state-malformed" };

function roundTrip(cells: Uint8Array, colors: number, indices: Uint32Array): void {
  const body = encodeCellPatch(cells, colors, indices);
  const patch = decodeCellPatch(body, cells.length, colors);
  assert.deepEqual(patch.indices, indices);
  assert.deepEqual(
    patch.values,
    Uint8Array.from(indices, (index) => cells[index]!),
  );
}

describe("encodeCellPatch", () => {
  it("is decoded to the same cells for any size, colours and density", () => {
    checkBoards(({ cells, colors, indices }) => roundTrip(cells, colors, indices));
  });

  it("takes the shorter of both gap codes", () => {
    checkBoards(({ cells, colors, indices }) => {
      const body = encodeCellPatch(cells, colors, indices);
      const valueBytes = Math.ceil((indices.length * bitsPerCell(colors)) / 8);
      let next = 0;
      let varintBytes = 0;
      for (const index of indices) {
        varintBytes += index - next < 0x80 ? 1 : index - next < 0x4000 ? 2 : 3;
        next = index + 1;
      }
      assert.ok(body.length <= 4 + varintBytes + valueBytes);
    });
  });

  it("writes one cell of a large board in six bytes", () => {
    const cells = new Uint8Array(2_000 * 2_000);
    const body = encodeCellPatch(cells, 32, Uint32Array.of(3_999_999));
    assert.equal(body.length, 6);
  });

  it("stays near the entropy of random cells: 1.9 bytes each of 10,000 on 2000x2000", () => {
    const random = new SeededRandom(10_000);
    const cells = Uint8Array.from({ length: 4_000_000 }, () => random.integer(0, 31));
    const picked = new Set<number>();
    while (picked.size < 10_000) picked.add(random.integer(0, cells.length - 1));
    const body = encodeCellPatch(cells, 32, Uint32Array.from(picked).toSorted());
    assert.equal(body[0]! & MODE_MASK, CellsMode.RICE_GAPS);
    assert.ok(body.length < 19_000, `${body.length} bytes`);
  });

  it("writes no cells in two bytes", () => {
    assert.equal(encodeCellPatch(new Uint8Array(9), 2, new Uint32Array(0)).length, 2);
    roundTrip(new Uint8Array(9), 2, new Uint32Array(0));
  });
});

describe("decodeCellPatch", () => {
  const refused: [what: string, body: number[], message: string][] = [
    ["nothing", [], "state ends at byte 0"],
    ["an unknown mode", [7, 0], "patch mode 7 is unknown"],
    ["a Rice parameter on varint gaps", [0x0b, 0], "patch mode 11 is unknown"],
    ["a Rice parameter that no board has", [0xc4, 1, 0], "Rice parameter 24 exceeds 23"],
    ["more cells than the board has", [3, 101, 0], "patch of 101 cells in 3 bytes"],
    ["more cells than its bytes can hold", [3, 100, 0, 0], "patch of 100 cells in 4 bytes"],
    ["a count without end", [3, 128, 128, 128, 128, 0], "number at byte 5 is longer than 4 bytes"],
    ["a cell past the board", [3, 1, 100, 0], "cell 100 of 100"],
    ["a value past the colours", [3, 1, 0, 5], "cell value 5 in a grid of 5 colours"],
    ["a padding that is not zero", [3, 1, 0, 8], "padding of the last byte is not zero"],
    ["bytes behind the end", [3, 1, 0, 1, 0], "1 bytes behind the end of the state"],
    ["ones without a zero", [4, 1, 255, 255], "bits end at byte 2"],
  ];
  for (const [what, body, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeCellPatch(Uint8Array.from(body), 100, 5), {
        ...MALFORMED,
        message,
      });
    });
  }
});

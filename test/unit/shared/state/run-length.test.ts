import assert from "node:assert/strict";
import { encodeRuns, RunDecoder } from "../../../../shared/state/run-length.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { checkBoards } from "./boards.ts";

describe("encodeRuns", () => {
  it("writes a run of up to 7 cells of 32 colours in one byte", () => {
    const cells = Uint8Array.from([...Array<number>(7).fill(31), 4]);
    assert.deepEqual([...encodeRuns(cells, 32, Infinity)!], [31 | (6 << 5), 4]);
  });

  it("writes the length of a longer run behind it", () => {
    assert.deepEqual([...encodeRuns(new Uint8Array(8), 32, Infinity)!], [7 << 5, 0]);
    assert.deepEqual([...encodeRuns(new Uint8Array(135), 32, Infinity)!], [7 << 5, 127]);
    assert.deepEqual([...encodeRuns(new Uint8Array(136), 32, Infinity)!], [7 << 5, 128, 1]);
  });

  it("writes every length behind the value when that takes the whole byte", () => {
    assert.deepEqual([...encodeRuns(Uint8Array.of(255, 9, 9), 256, Infinity)!], [255, 0, 9, 1]);
  });

  it("gives up when the runs are longer than allowed, and not before", () => {
    const cells = Uint8Array.of(1, 2, 3, 4);
    assert.equal(encodeRuns(cells, 32, 3), undefined);
    assert.equal(encodeRuns(cells, 32, 4)?.length, 4);
  });
});

describe("RunDecoder", () => {
  it("fills the same cells wherever the runs are cut", () => {
    const random = new SeededRandom(77);
    checkBoards(({ cells, colors }) => {
      const runs = encodeRuns(cells, colors, Infinity)!;
      const filled = new Uint8Array(cells.length);
      const decoder = new RunDecoder(filled, colors);
      for (let at = 0; at < runs.length;) {
        const end = at + random.integer(1, 20);
        decoder.push(runs.subarray(at, end));
        at = end;
      }
      decoder.finish();
      assert.deepEqual(filled, cells);
    });
  });

  it("is not done before every cell is filled", () => {
    const decoder = new RunDecoder(new Uint8Array(10), 32);
    decoder.push(Uint8Array.of(3));
    assert.throws(() => decoder.finish(), { message: "runs fill 1 of 10 cells" });
    decoder.push(Uint8Array.of(7 << 5));
    assert.throws(() => decoder.finish(), { message: "state ends inside a run length" });
    decoder.push(Uint8Array.of(1));
    decoder.finish();
  });
});

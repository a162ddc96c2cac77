import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { inflateRuns } from "../../../../shared/state/deflated-runs.ts";
import { RunDecoder } from "../../../../shared/state/run-length.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

/** Counts what is inflated. */
class CountingDecoder extends RunDecoder {
  pushedBytes = 0;

  override push(bytes: Uint8Array): void {
    this.pushedBytes += bytes.length;
    super.push(bytes);
  }
}

describe("inflateRuns", () => {
  it("inflates in steps, and the runs do not care where they are cut", () => {
    const cells = new Uint8Array(300_000);
    const runs = Uint8Array.from({ length: 100_000 }, (_, at) => 0x40 | (at % 31));
    const decoder = new CountingDecoder(cells, 32);
    inflateRuns(deflateRawSync(runs), decoder, cells.length);
    decoder.finish();
    assert.equal(decoder.pushedBytes, runs.length);
    assert.deepEqual([...cells.subarray(0, 7)], [0, 0, 0, 1, 1, 1, 2]);
  });

  it("stops soon after the cells are full, whatever is still to inflate", () => {
    const bomb = deflateRawSync(Buffer.alloc(40_000_000));
    const decoder = new CountingDecoder(new Uint8Array(4_096), 32);
    assert.throws(() => inflateRuns(bomb, decoder, 4_096), {
      code: "state-malformed",
      message: "run of 1 cells, 0 left",
    });
    assert.ok(decoder.pushedBytes <= 1_024 * 1_032, `${decoder.pushedBytes} bytes inflated`);
  });

  it("refuses what ends early and what is no deflate at all", () => {
    const random = new SeededRandom(9);
    const deflated = deflateRawSync(Uint8Array.from({ length: 900 }, () => random.integer(0, 31)));
    for (const broken of [deflated.subarray(0, 100), Buffer.alloc(50, 0xff)]) {
      const decoder = new RunDecoder(new Uint8Array(900), 32);
      assert.throws(() => inflateRuns(broken, decoder, 900), {
        code: "state-malformed",
        message: "runs do not inflate",
      });
    }
  });
});

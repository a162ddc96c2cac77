import assert from "node:assert/strict";
import { BitReader, BitWriter } from "../../../../shared/state/bit-stream.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

describe("BitWriter", () => {
  it("writes numbers of any width up to 24 bits, and unary ones, to be read back", () => {
    const random = new SeededRandom(24);
    const bytes = new Uint8Array(100_000);
    const writer = new BitWriter(bytes, 3);
    const written = Array.from({ length: 5_000 }, () => {
      const width = random.integer(0, 24);
      const ones = random.pick([0, 1, 5, 23, 24, 25, 60]);
      return { ones, width, value: random.integer(0, 2 ** width - 1) };
    });
    for (const { ones, width, value } of written) writer.writeUnary(ones, value, width);
    for (const { width, value } of written) writer.write(value, width);
    const end = writer.finish();

    const reader = new BitReader(bytes.subarray(3, end));
    for (const { ones, width, value } of written) {
      assert.equal(reader.readUnary(), ones);
      assert.equal(reader.read(width), value);
    }
    for (const { width, value } of written) assert.equal(reader.read(width), value);
    reader.finish();
  });

  it("pads the last byte with zeros", () => {
    const bytes = new Uint8Array(2);
    const writer = new BitWriter(bytes, 0);
    writer.write(0b101, 3);
    assert.equal(writer.finish(), 1);
    assert.deepEqual([...bytes], [0b101, 0]);
  });
});

describe("BitReader", () => {
  it("throws a malformed state at the end of its bytes", () => {
    const reader = new BitReader(Uint8Array.of(0xff));
    reader.read(5);
    assert.throws(() => reader.read(4), { name: "SyncError", code: "state-malformed" });
    assert.throws(() => new BitReader(Uint8Array.of(255, 255)).readUnary(), {
      message: "bits end at byte 2",
    });
  });

  it("is finished when nothing but padding is left", () => {
    const reader = new BitReader(Uint8Array.of(0b0000_0111, 1));
    reader.read(3);
    assert.throws(() => reader.finish(), { message: "1 bytes behind the end of the state" });
    reader.read(5);
    reader.read(1);
    reader.finish();
  });
});

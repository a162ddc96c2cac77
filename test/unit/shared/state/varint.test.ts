import assert from "node:assert/strict";
import { ByteReader, varintLength, writeVarint } from "../../../../shared/state/varint.ts";

const VALUES = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455];

describe("writeVarint", () => {
  for (const value of VALUES) {
    it(`writes ${value} in as many bytes as varintLength says, to be read back`, () => {
      const bytes = new Uint8Array(6);
      const end = writeVarint(bytes, 1, value);
      assert.equal(end - 1, varintLength(value));
      const reader = new ByteReader(bytes, 1);
      assert.equal(reader.varint(), value);
      assert.equal(reader.offset, end);
    });
  }

  it("counts what it cannot write any more", () => {
    const bytes = new Uint8Array(1);
    assert.equal(writeVarint(bytes, 1, 300), 3);
    assert.deepEqual([...bytes], [0]);
  });
});

describe("ByteReader", () => {
  it("throws a malformed state for everything that is not there", () => {
    const error = { name: "SyncError", code: "state-malformed" };
    assert.throws(() => new ByteReader(new Uint8Array(0)).byte(), error);
    assert.throws(() => new ByteReader(Uint8Array.of(0x80)).varint(), error);
    assert.throws(() => new ByteReader(new Uint8Array(3), 1).take(3), {
      ...error,
      message: "3 bytes announced, 2 left",
    });
  });

  it("takes bytes in order", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3, 4));
    assert.equal(reader.byte(), 1);
    assert.deepEqual([...reader.take(2)], [2, 3]);
    assert.deepEqual([...reader.rest()], [4]);
    assert.deepEqual([...reader.rest()], []);
  });
});

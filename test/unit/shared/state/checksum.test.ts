import assert from "node:assert/strict";
import { Checksum, checksum32 } from "../../../../shared/state/checksum.ts";

describe("checksum32", () => {
  for (const [bytes, expected] of [
    [[], 0],
    [[0, 0, 0, 0], 0x2362f9de],
    [[0x21, 0x43, 0x65, 0x87], 0xf55b516b],
    [[0xff, 0xff, 0xff, 0xff], 0x76293b50],
  ] as const) {
    it(`is the MurmurHash3 of ${JSON.stringify(bytes)} that others compute`, () => {
      assert.equal(checksum32(Uint8Array.from(bytes), []), expected);
    });
  }

  it("takes words behind the bytes as if they were bytes, lowest first", () => {
    const joined = Uint8Array.of(1, 2, 3, 4, 0x44, 0x33, 0x22, 0x11);
    assert.equal(checksum32(joined.slice(0, 4), [0x11223344]), checksum32(joined, []));
  });

  it("pads the last word with zeros", () => {
    assert.equal(checksum32(Uint8Array.of(1, 2), []), checksum32(Uint8Array.of(1, 2, 0, 0), []));
  });
});

describe("Checksum", () => {
  it("is checksum32 over parts that come one by one, each behind its length", () => {
    const checksum = new Checksum();
    checksum.word(7);
    checksum.bytes(Uint8Array.of(1, 2, 3, 4, 5, 99), 5);
    checksum.bytes(new Uint8Array(4), 0);
    const words = [7, 5, 0x04030201, 5, 0];
    assert.equal(checksum.finish(), checksum32(new Uint8Array(0), words));
  });

  it("begins anew when it is finished", () => {
    const checksum = new Checksum();
    checksum.word(1);
    const first = checksum.finish();
    checksum.word(1);
    assert.equal(checksum.finish(), first);
  });
});

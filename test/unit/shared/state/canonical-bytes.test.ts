import assert from "node:assert/strict";
import { decode, encode } from "@colyseus/schema";
import { CanonicalBytes } from "../../../../shared/state/canonical-bytes.ts";
import { Checksum } from "../../../../shared/state/checksum.ts";

type Codec<Result> = Record<string, (...given: unknown[]) => Result>;

/** What a client has of a value that was sent as `type`. */
function received(type: string, value: unknown): unknown {
  const bytes = new Uint8Array(4_096);
  (encode as unknown as Codec<void>)[type]!(bytes, value, { offset: 0 });
  return (decode as unknown as Codec<unknown>)[type]!(bytes, { offset: 0 });
}

function sumOf(type: string, value: unknown, bytes = new CanonicalBytes()): number {
  const checksum = new Checksum();
  bytes.addTo(checksum, type, value);
  return checksum.finish();
}

const VALUES: Record<string, readonly unknown[]> = {
  // Of the many ways to write a number: the ends of each, and what turns into another one.
  number: [
    [0, -0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1],
    [-1, -32, -33, -128, -129, -(2 ** 15), -(2 ** 15) - 1, -(2 ** 31), -(2 ** 31) - 1],
    [NaN, Infinity, -Infinity, 0.1, 0.5, 3.00000001, -2.9999999, 1e-9, 1e9 + 0.1, 1e300],
  ].flat(),
  int8: [0, -1, 127, 128, 300, 1.5],
  uint8: [0, 255, 256, -1, 1.5],
  int16: [-(2 ** 15), 2 ** 15],
  uint16: [2 ** 16 - 1, 2 ** 16],
  int32: [-(2 ** 31), 2 ** 31],
  uint32: [2 ** 32 - 1, 2 ** 32, -1],
  int64: [-(2 ** 53), 2 ** 53, -1, 1.5],
  uint64: [2 ** 53, 2 ** 40 + 1, 1.5],
  bigint64: [-1n, 2n ** 63n - 1n, 2n ** 63n],
  biguint64: [2n ** 64n - 1n, 2n ** 64n],
  float32: [0.1, NaN, 1e39, -0],
  float64: [0.1, NaN, Number.MIN_VALUE, -0],
  boolean: [true, false, 1, "yes"],
  string: ["", "plain", "ä€😀", "x".repeat(31), "x".repeat(32), "x".repeat(300)],
};

describe("CanonicalBytes", () => {
  for (const [type, values] of Object.entries(VALUES)) {
    it(`are the same of a value of type ${type} and of what a client has of it`, () => {
      for (const value of values) {
        assert.equal(sumOf(type, received(type, value)), sumOf(type, value), String(value));
      }
    });
  }

  it("differ for values that differ on the wire", () => {
    const numbers = new Set([0, 1, -1, 0.5, 0.25].map((value) => sumOf("number", value)));
    assert.equal(numbers.size, 5);
    const texts = new Set(["", "a", "b", "ab", "ba", "a\0"].map((value) => sumOf("string", value)));
    assert.equal(texts.size, 6);
  });

  it("are right again after a string that needed more room", () => {
    const bytes = new CanonicalBytes();
    const [short, long] = ["short", "é".repeat(5_000)];
    for (const value of [short, long, short, long]) {
      assert.equal(sumOf("string", value, bytes), sumOf("string", value));
    }
    assert.notEqual(sumOf("string", long), sumOf("string", `${long}é`));
  });

  it("are nothing for a type that has no encoding", () => {
    assert.equal(sumOf("nonsense", 1), new Checksum().finish());
  });
});

import assert from "node:assert/strict";
import { decode, encode, type Iterator } from "@colyseus/schema";
import { type NumberRange, rangeOf } from "../../../../server/numbers/number-range.ts";
import { type SeededRandom, useSeededRandom } from "../../../support/seeded-random.ts";

const WHOLE = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-2_147_483_648, 2_147_483_647],
  uint32: [0, 4_294_967_295],
  int64: [-(2 ** 63), 2 ** 63 - 1_024],
  uint64: [0, 2 ** 64 - 2_048],
} as const;
const BIG = {
  bigint64: [-(2n ** 63n), 2n ** 63n - 1n],
  biguint64: [0n, 2n ** 64n - 1n],
} as const;
const MAX_FLOAT32 = Math.fround(3.4028235e38);

const ODD = [Number.NaN, Infinity, -Infinity, -0, 0.5, 1e-50, 2 ** 53 + 2, 1e39, -1e39, 1e308];

function range(type: string): NumberRange {
  const found = rangeOf(type);
  if (found === undefined) throw new TypeError(`${type} has no range`);
  return found;
}

/** What a client makes of a value. */
function acrossTheWire(type: string, value: unknown): unknown {
  const bytes = new Uint8Array(16);
  type Write = (bytes: Uint8Array, value: unknown, it: Iterator) => void;
  type Read = (bytes: Uint8Array, it: Iterator) => unknown;
  (encode as unknown as Record<string, Write>)[type]!(bytes, value, { offset: 0 });
  return (decode as unknown as Record<string, Read>)[type]!(bytes, { offset: 0 });
}

/** Whether that is what the server holds, up to the rounding that the type is for. */
function isSame(type: string, value: unknown): boolean {
  const read = acrossTheWire(type, value);
  if (read === value || Object.is(read, value)) return true;
  const isRounded = type === "float32" || type === "number";
  return isRounded && Number.isFinite(read) && read === Math.fround(value as number);
}

/** Of any size, whole or not, and often close to where a type ends. */
function anyNumber(random: SeededRandom): number {
  const sign = random.pick([1, -1]);
  const near = 2 ** random.pick([0, 7, 8, 15, 16, 31, 32, 53, 63, 64, 127, 128]);
  return random.pick([
    random.pick(ODD),
    random.integer(-300, 300),
    sign * near + random.integer(-2, 2),
    sign * near * random.next(),
    sign * 2 ** random.integer(-160, 160) * (1 + random.next()),
  ]);
}

function anyBigint(random: SeededRandom): bigint {
  const near = 2n ** BigInt(random.pick([0, 31, 53, 63, 64, 80]));
  return random.pick([1n, -1n]) * near + BigInt(random.integer(-2, 2));
}

describe("what a number's type holds", () => {
  const random = useSeededRandom();

  for (const [type, [min, max]] of Object.entries(WHOLE)) {
    it(`is, for ${type}, every whole number from ${min} to ${max}`, () => {
      const { holds } = range(type);
      // Beyond 2 ** 53 the next number is further away than 1.
      const under = min - Math.max(1, Math.abs(min) * Number.EPSILON * 2);
      const over = max + Math.max(1, max * Number.EPSILON);
      const inside = [min, max, 0, -0, 1];
      assert.deepEqual(inside.filter(holds), inside);
      assert.deepEqual([under, over, 0.5, Number.NaN, Infinity, -Infinity].filter(holds), []);
    });
  }

  for (const [type, [min, max]] of Object.entries(BIG)) {
    it(`is, for ${type}, every bigint from ${min} to ${max}`, () => {
      const { holds } = range(type);
      assert.deepEqual([min - 1n, min, 0n, max, max + 1n].filter(holds), [min, 0n, max]);
      assert.equal(holds(1), false);
    });
  }

  it("is, for float32, what does not become infinite by rounding, and what is so already", () => {
    const { holds } = range("float32");
    const inside = [MAX_FLOAT32, -MAX_FLOAT32, 3.4028235e38, 0.1, 1e-50, Infinity, -Infinity, NaN];
    assert.deepEqual(inside.filter(holds), inside);
    assert.deepEqual([2 ** 128 - 2 ** 103, 2 ** 128, 1e39, -1e39, 1e308].filter(holds), []);
  });

  it("is, for float64, any number", () => {
    assert.deepEqual(ODD.filter(range("float64").holds), ODD);
  });

  it("is, for number, any finite one", () => {
    const { holds } = range("number");
    assert.deepEqual(ODD.filter(holds), ODD.filter(Number.isFinite));
  });

  it("is a number at all, for any of them", () => {
    for (const type of [
      ...Object.keys(WHOLE),
      ...Object.keys(BIG),
      "float32",
      "float64",
      "number",
    ]) {
      const others = ["5", "", true, {}, [], [5], undefined, null, BIG, Symbol("5")];
      assert.deepEqual(others.filter(range(type).holds), [], type);
      assert.equal(range(type).holds(type in BIG ? 5 : 5n), false, type);
    }
  });

  it("is nothing in particular for what is no number", () => {
    for (const type of ["string", "boolean", "constructor", { quantized: {} }, undefined]) {
      assert.equal(rangeOf(type), undefined);
    }
  });

  it("is exactly what a client reads as the server holds it", () => {
    for (const type of [...Object.keys(WHOLE), "float32", "float64", "number"]) {
      for (let round = 0; round < 2_000; round++) {
        const value = anyNumber(random());
        assert.equal(range(type).holds(value), isSame(type, value), `${type} ${value}`);
      }
    }
    for (const type of Object.keys(BIG)) {
      for (let round = 0; round < 500; round++) {
        const value = anyBigint(random());
        assert.equal(range(type).holds(value), isSame(type, value), `${type} ${value}`);
      }
    }
  });
});

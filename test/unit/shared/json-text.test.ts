import assert from "node:assert/strict";
import { toJsonText } from "../../../shared/json-text.ts";

function refuses(value: unknown, message: RegExp): void {
  assert.throws(() => toJsonText(value), { code: "payload-invalid", message });
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

describe("toJsonText", () => {
  it("gives what JSON.stringify gives for every JSON value", () => {
    const values = [
      null,
      true,
      0,
      -1.5,
      "",
      "é😀\n",
      [],
      {},
      [1, "a", null, [2]],
      { a: { b: [true] } },
      Object.assign(Object.create(null), { a: 1 }),
      JSON.parse('{ "__proto__": { "a": 1 }, "constructor": 2, "toJSON": "no function" }'),
    ];
    for (const value of values) assert.equal(toJsonText(value), JSON.stringify(value));
  });

  it("refuses undefined, functions, symbols and BigInt", () => {
    refuses(undefined, /^payload is undefined, which is not a JSON value$/);
    refuses(() => 1, /^payload is function/);
    refuses(Symbol("a"), /^payload is symbol/);
    refuses(1n, /^payload is bigint/);
  });

  it("refuses NaN and the infinities", () => {
    refuses(NaN, /^payload is NaN/);
    refuses(Infinity, /^payload is Infinity/);
    refuses({ a: -Infinity }, /^payload.a is -Infinity/);
  });

  it("refuses objects of a class", () => {
    class Point {
      x = 1;
    }
    const values = [
      new Point(),
      new Date(0),
      new Map(),
      new Set(),
      /a/,
      new Uint8Array(1),
      new Error("a"),
    ];
    for (const value of values) refuses(value, /is an object of a class|with a toJSON/);
  });

  it("refuses what would speak for itself in place of what it holds", () => {
    const hidden = Object.defineProperty({ a: 1 }, "toJSON", { value: () => undefined });
    refuses(hidden, /an object with a toJSON\(\)/);
    refuses(Object.assign([1], { toJSON: () => 2 }), /an object with a toJSON\(\)/);
  });

  it("refuses holes in arrays", () => {
    // oxlint-disable-next-line no-sparse-arrays
    refuses([1, , 2], /^payload\[1\] is undefined/);
  });

  it("refuses cycles", () => {
    const cycle: unknown[] = [];
    cycle.push({ again: cycle });
    refuses(cycle, /nested deeper than 64/);
  });

  it("takes 64 levels and refuses 65", () => {
    assert.equal(toJsonText(nested(64)), JSON.stringify(nested(64)));
    refuses(nested(65), /nested deeper than 64/);
  });

  it("says where the fault is, in at most 80 characters", () => {
    refuses({ list: [1, { deep: undefined }] }, /^payload\.list\[1\]\.deep is undefined/);
    const name = "n".repeat(100_000);
    assert.throws(
      () => toJsonText({ [name]: NaN }),
      (error: Error) => error.message.length < 150,
    );
  });
});

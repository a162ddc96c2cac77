import assert from "node:assert/strict";
import fc from "fast-check";
import { pack, Packr, unpack } from "msgpackr";
import { checkShape } from "../../../../server/rooms/payload-shape.ts";
import { scanPayload } from "../../../../server/rooms/scan-payload.ts";
import { MAX_INPUT_DEPTH, MAX_INPUT_PARTS } from "../../../../shared/limits.ts";

function faultOf(value: unknown): ReturnType<typeof scanPayload> {
  return scanPayload(pack(value), 0);
}

function reasonOf(value: unknown): string | undefined {
  const fault = faultOf(value);
  return fault?.isMalformed === false ? fault.reason : undefined;
}

function isMalformed(hex: string): boolean {
  return scanPayload(Buffer.from(hex, "hex"), 0)?.isMalformed === true;
}

function nest(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
}

/** What applications send: everything that JSON has, and what MessagePack has beside it. */
const payloads = fc.anything({
  maxDepth: 4,
  withDate: true,
  withBigInt: true,
  withTypedArray: true,
  withMap: false,
  withSet: true,
  withNullPrototype: false,
  key: fc.string().filter((name) => !["__proto__", "constructor", "prototype"].includes(name)),
});

function withoutPrototypes(name: string, value: unknown): unknown {
  return ["__proto__", "constructor", "prototype"].includes(name) ? undefined : value;
}

describe("scanPayload", () => {
  it("passes what applications send", () => {
    const values = [undefined, null, true, 0, -1, 1.5, 2 ** 40, 2n ** 60n, "", "ü".repeat(300)];
    const others = [[], {}, [[1], [2]], { a: { b: [1, "2", null] } }, new Date(0), new Set([1])];
    const bytes = [Buffer.alloc(70_000), new Float32Array(3), "x".repeat(70_000), new Date(1e14)];
    const many = [Array.from({ length: 70_000 }, (_, at) => at), { 5: 1, "-1": 2 }];
    for (const value of [...values, ...others, ...bytes, ...many]) {
      assert.equal(faultOf(value), undefined);
    }
    assert.equal(scanPayload(Buffer.from("ff"), 1), undefined);
  });

  it("passes whatever can be packed and is not too much", () => {
    fc.assert(
      fc.property(payloads, (value) => {
        let packed: Uint8Array;
        try {
          packed = pack(value);
        } catch {
          // What cannot be packed nobody sends.
          return;
        }
        const fault = scanPayload(packed, 0);
        assert.equal(fault, undefined);
      }),
      { numRuns: 1_000, seed: 20_261_122 },
    );
  });

  it("passes objects as stock SDKs write them, again and again in one payload", () => {
    const objects = [{ by: 2 }, { by: 65 }, { to: { x: 64, y: 127 } }, { to: { x: 1, y: 2 } }, {}];
    const many = Array.from({ length: 30 }, (_, at) => ({ [`name ${at}`]: at, list: [at] }));
    for (const value of [...objects, objects, many, [many, many]]) {
      assert.equal(scanPayload(new Packr().pack(value), 0), undefined);
    }
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const packed = new Packr().pack(JSON.parse(JSON.stringify(value, withoutPrototypes)));
        assert.equal(scanPayload(packed, 0), undefined);
      }),
      { numRuns: 500, seed: 20_261_122 },
    );
  });

  it("refuses in such objects what it refuses in others", () => {
    const scan = (value: unknown): unknown => scanPayload(new Packr().pack(value), 0);
    const proto = JSON.parse('[{"a":1},{"__proto__":{"polluted":true}}]') as unknown;
    const reason = 'a part is named "__proto__"';
    assert.deepEqual(scan(proto), { isMalformed: false, reason });
    const deep = nest(MAX_INPUT_DEPTH + 1, (inner) => ({ a: inner }));
    assert.match(JSON.stringify(scan(deep)), /nested deeper than 32/);
    const wide = Array.from({ length: MAX_INPUT_PARTS }, () => ({ a: 1 }));
    assert.match(JSON.stringify(scan(wide)), /more than/);
    // Ids that numbers have, names that are no texts, values that are missing.
    for (const hex of ["d4720090", "d472409107", "d47240", "d4724092a161a16201", "d472ff90"]) {
      assert.ok(isMalformed(hex), hex);
    }
  });

  it("never passes what cannot be decoded, whatever the bytes are", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(bytes, (frame) => {
        if (scanPayload(frame, 0) === undefined) unpack(frame);
      }),
      { numRuns: 20_000, seed: 20_261_122 },
    );
  });

  it("never passes a mutation of a good one that cannot be decoded", () => {
    const mutated = fc.tuple(payloads, fc.nat(), fc.nat(255), fc.boolean());
    fc.assert(
      fc.property(mutated, ([value, at, byte, isCut]) => {
        let frame: Uint8Array;
        try {
          frame = Uint8Array.from(pack(value));
        } catch {
          return;
        }
        frame[at % frame.length] = byte;
        if (isCut) frame = frame.subarray(0, at % frame.length);
        if (frame.length > 0 && scanPayload(frame, 0) === undefined) unpack(frame);
      }),
      { numRuns: 5_000, seed: 20_261_122 },
    );
  });

  for (const [what, hex] of Object.entries({
    "an array of 4 billion": "ddffffffff",
    "a map of 4 billion": "dfffffffff",
    "a map of 4 billion in an array": "91dfffffffff00",
    "a text of 4 GiB": "dbffffffff41",
    "bytes of 4 GiB": "c6ffffffff41",
    "an extension of 4 GiB": "c9ffffffff00",
    "arrays of 30 million in each other": "dd01c9c380".repeat(200),
    "half a number": "cb40",
    "a map without its last value": "82a16101a162",
    "an object for a name": "8180c0",
    "a list for a name": "8190c0",
    "nothing for a name": "81c0c0",
    "a token that there is not": "c1",
    "more than one value": "0101",
    "no length": "dc00",
  })) {
    it(`finds ${what} malformed`, () => {
      assert.ok(isMalformed(hex));
    });
  }

  it("refuses what is nested too deeply, in lists, maps or sets", () => {
    const wraps = [(inner: unknown) => [inner], (inner: unknown) => ({ a: inner })];
    for (const wrap of wraps) {
      assert.equal(faultOf(nest(MAX_INPUT_DEPTH, wrap)), undefined);
      assert.match(reasonOf(nest(MAX_INPUT_DEPTH + 1, wrap)) ?? "", /nested deeper than 32/);
    }
    const sets = Buffer.from(`${"d4730091".repeat(MAX_INPUT_DEPTH)}01`, "hex");
    assert.equal(scanPayload(sets, 0)?.isMalformed, false);
    assert.equal(scanPayload(Buffer.from("d4730092c0a161", "hex"), 0), undefined);
    const million = Buffer.alloc(1_000_000, 0x91);
    const fault = scanPayload(million, 0);
    assert.deepEqual(fault, { isMalformed: false, reason: "it is nested deeper than 32" });
  });

  it("refuses what has too many parts, and not what has many numbers", () => {
    const empty = Array.from({ length: MAX_INPUT_PARTS }, () => ({}));
    assert.match(reasonOf(empty) ?? "", /more than 10000 parts/);
    const names = Object.fromEntries(empty.map((_, at) => [`name-${at}`, 1]));
    assert.match(reasonOf(names) ?? "", /more than 10000 parts/);
    assert.equal(faultOf(empty.map((_, at) => at)), undefined);
  });

  it("refuses names that reach for a prototype, wherever they are", () => {
    for (const name of ["__proto__", "constructor", "prototype"]) {
      const value = JSON.parse(`[{"a":[{"${name}":{"polluted":true}}]}]`) as unknown;
      const bytes = pack([{ a: [new Map([[name, 1]])] }]);
      for (const frame of [pack(value), bytes]) {
        const fault = scanPayload(frame, 0);
        assert.deepEqual(fault, { isMalformed: false, reason: `a part is named "${name}"` });
      }
      assert.equal(faultOf([name, { a: name, [`${name}s`]: 1 }]), undefined);
    }
  });

  it("refuses extensions that make errors, regular expressions and references", () => {
    // What would be `/(a+)+$/`.
    const regexp = Buffer.from("d4780092a628612b292b24a0", "hex");
    const fault = scanPayload(regexp, 0);
    assert.deepEqual(fault, { isMalformed: false, reason: "it has an extension of type 120" });
    for (const type of ["62", "65", "69", "70", "78", "01", "7f"]) {
      const { isMalformed: isUnreadable } = scanPayload(Buffer.from(`d4${type}00`, "hex"), 0)!;
      assert.equal(isUnreadable, false, type);
    }
  });

  it("takes no longer than a look for a bomb", () => {
    const bomb = Buffer.from("dd01c9c380".repeat(200_000), "hex");
    const startedAt = performance.now();
    scanPayload(bomb, 0);
    // Decoding it would take 240 MB for each of its lists.
    assert.ok(performance.now() - startedAt < 1_000);
  });
});

describe("checkShape", () => {
  const check = (value: unknown) => () => checkShape(value, "options-invalid", "join options");

  it("passes options as they are", () => {
    check({ board: "main", team: { red: [1, 2, 3] }, nothing: null })();
    check(nest(MAX_INPUT_DEPTH, (inner) => ({ inner })))();
  });

  it("refuses depth, parts and names that reach for a prototype", () => {
    const wrong: [value: unknown, message: RegExp][] = [
      [nest(MAX_INPUT_DEPTH + 1, (inner) => [inner]), /nested deeper than 32$/],
      [Array.from({ length: MAX_INPUT_PARTS }, () => []), /more than 10000 parts$/],
      [JSON.parse('{"a":{"__proto__":{}}}'), /^join options have a part named "__proto__"$/],
      [{ constructor: { prototype: {} } }, /named "constructor"$/],
    ];
    for (const [value, message] of wrong) {
      assert.throws(check(value), { code: "options-invalid", message });
    }
  });
});

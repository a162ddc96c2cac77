import assert from "node:assert/strict";
import { type Decoder, Encoder, Reflection, type Schema, schema, t } from "@colyseus/schema";
import { checkNumbers } from "../../../../server/numbers/check-numbers.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { type SeededRandom, useSeededRandom } from "../../../support/seeded-random.ts";

const Unit = schema(
  {
    int8: t.int8().default(0),
    uint8: t.uint8().default(0),
    int16: t.int16().default(0),
    uint16: t.uint16().default(0),
    int32: t.int32().default(0),
    uint32: t.uint32().default(0),
    int64: t.int64().default(0),
    uint64: t.uint64().default(0),
    float32: t.float32().default(0),
    float64: t.float64().default(0),
    number: t.number().default(0),
  },
  "ModelUnit",
);
type Unit = InstanceType<typeof Unit>;
const FIELDS = [
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float32",
  "float64",
  "number",
] as const;
const State = schema(
  {
    unit: t.ref(Unit),
    units: t.map(Unit),
    bytes: t.array("uint8"),
    shorts: t.map("int16"),
    floats: t.array("float32"),
    counts: t.set("uint16"),
    heap: t.collection("number"),
  },
  "ModelState",
);
type State = InstanceType<typeof State>;

const BITS = [0, 7, 8, 15, 16, 31, 32, 53, 63, 64, 127, 128];
const ODD = [Number.NaN, Infinity, -Infinity, -0, 0.5, 1e300];
const WRITES = 1_000;

function anyNumber(random: SeededRandom): number {
  const edge = random.pick([1, -1]) * 2 ** random.pick(BITS);
  return random.pick([
    random.pick(ODD),
    random.integer(0, 100),
    edge + random.integer(-2, 1),
    edge * random.next(),
  ]);
}

function anyUnit(random: SeededRandom): Unit {
  const unit = new Unit();
  // Outside of a state anything goes; most of it is whole and small, or nothing would come in.
  unit[random.pick(FIELDS)] = random.pick([random.integer(0, 100), anyNumber(random)]);
  return unit;
}

/** One write of any kind, with any number. */
function anyWrite(state: State, random: SeededRandom): () => unknown {
  const value = anyNumber(random);
  const key = random.pick(["a", "b", "c"]);
  const { bytes, floats } = state;
  const at = random.integer(0, bytes.length);
  return random.pick<() => unknown>([
    () => (state.unit[random.pick(FIELDS)] = value),
    () => ((state.units.get(key) ?? state.unit)[random.pick(FIELDS)] = value),
    () => (state.unit = anyUnit(random)),
    () => state.units.set(key, anyUnit(random)),
    () => state.units.delete(key),
    () => bytes.push(value, random.integer(0, 255)),
    () => (bytes[at] = value),
    () => bytes.splice(at, at < bytes.length ? 1 : 0, value),
    () => bytes.pop(),
    () => (state.bytes = [1, value] as never),
    () => floats.push(value),
    () => (floats.length > 9 ? floats.clear() : floats.shift()),
    () => state.shorts.set(key, value),
    () => (state.shorts = { [key]: value } as never),
    () => state.counts.add(value),
    () => (state.counts.size > 9 ? state.counts.clear() : state.heap.add(value)),
    () => (state.heap.size > 9 ? state.heap.clear() : undefined),
  ]);
}

type Content = Record<string, unknown>;

/** The state as it is here: one object for each schema, arrays for collections. */
function contentOf(state: Schema, round: boolean): Content {
  const { unit, units, bytes, shorts, floats, counts, heap } = state as unknown as State;
  const read = (each: Unit): Content =>
    Object.fromEntries(FIELDS.map((name) => [name, roundedAs(name, each[name], round)]));
  const all = (type: string, values: Iterable<number>): number[] =>
    [...values].map((value) => roundedAs(type, value, round));
  return {
    unit: read(unit),
    units: Object.fromEntries([...units].map(([key, each]) => [key, read(each)])),
    bytes: all("uint8", bytes),
    shorts: Object.fromEntries([...shorts].map(([key, value]) => [key, value + 0])),
    floats: all("float32", floats),
    counts: all("uint16", counts.values()),
    heap: all("number", heap.values()),
  };
}

/** What is left of a number when both sides have rounded it: to 0 both zeros, at most to float32. */
function roundedAs(type: string, value: number, round: boolean): number {
  const isFloat = type === "float32" || (type === "number" && !Number.isInteger(value));
  const rounded = isFloat && round ? Math.fround(value) : value;
  return Number.isFinite(rounded) || !Number.isFinite(value) ? rounded + 0 : value;
}

describe("any writes to a checked state", () => {
  const random = useSeededRandom();

  it("are refused without a trace, or read by a client as the server holds them", function () {
    const state = new State();
    const encoder = new Encoder(state);
    checkNumbers(encoder);
    const decoder: Decoder = Reflection.decode(Reflection.encode(encoder));
    decoder.decode(encoder.encodeAll());
    encoder.discardChanges();
    let taken = 0;
    let refused = 0;
    for (let round = 0; round < WRITES; round++) {
      const before = JSON.stringify(contentOf(state, false));
      const write = anyWrite(state, random());
      try {
        write();
        taken += 1;
      } catch (error) {
        assert.ok(error instanceof SyncError && error.code === "out-of-range", String(error));
        assert.equal(JSON.stringify(contentOf(state, false)), before, String(error));
        assert.equal(encoder.hasChanges, false, String(error));
        refused += 1;
        continue;
      }
      decoder.decode(encoder.encode());
      encoder.discardChanges();
      assert.deepEqual(contentOf(decoder.state, true), contentOf(state, true), String(write));
    }
    assert.ok(taken > WRITES / 10 && refused > WRITES / 10, `${taken} taken, ${refused} refused`);
  });
});

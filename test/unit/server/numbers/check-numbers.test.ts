import assert from "node:assert/strict";
import {
  ArraySchema,
  CollectionSchema,
  Decoder,
  Encoder,
  MapSchema,
  Reflection,
  schema,
  type SchemaType,
  SetSchema,
  t,
} from "@colyseus/schema";
import { checkNumbers } from "../../../../server/numbers/check-numbers.ts";
import { grid } from "../../../../shared/state/grid-field.ts";

const Cell = schema({ hp: t.uint8().default(9), x: t.float32(), big: t.biguint64() }, "NumCell");
const Boss = Cell.extend({ rage: t.int8().default(0) }, "NumBoss");
const Nest = schema({ cell: t.ref(Cell), levels: t.array("uint8"), cells: t.map(Cell) }, "NumNest");
const World = schema(
  {
    hp: t.uint8().default(1),
    total: t.number().default(0),
    free: t.float64().default(0),
    turn: t.quantized({ min: 0, max: 10 }),
    rules: t.uint16().fullStateOnly(),
    seen: t.uint16().unreliable(),
    note: t.string().default(""),
    cell: t.ref(Cell),
    nest: t.ref(Nest).optional(),
    list: t.array("uint8"),
    map: t.map("int16"),
    set: t.set("uint8"),
    heap: t.collection("uint8"),
    words: t.map("string"),
    bigs: t.array("bigint64"),
    floats: t.array("float64"),
    cells: t.array(Cell),
    stream: t.stream(Cell),
    board: grid({ width: 4, height: 4, colors: 4 }),
  },
  "NumWorld",
);
type World = SchemaType<typeof World>;

/** A checked state without pending changes, and what a client makes of it. */
class Checked {
  readonly state = new World();
  readonly encoder = new Encoder(this.state);
  readonly #decoder: Decoder;

  constructor() {
    checkNumbers(this.encoder);
    this.state.list.push(1, 2, 3);
    this.state.map.set("a", 1);
    this.state.cells.push(new Cell(), new Cell());
    this.encoder.discardChanges();
    this.#decoder = Reflection.decode(Reflection.encode(this.encoder));
    this.#decoder.decode(this.encoder.encodeAll());
  }

  /** Asserts that `write` is refused with these words, and that nothing at all came of it. */
  refuses(write: (state: World) => unknown, words: RegExp): void {
    const before = this.#content;
    assert.throws(
      () => write(this.state),
      (error: { code?: string; message: string }) =>
        error.code === "out-of-range" && words.test(error.message),
      String(write),
    );
    assert.equal(this.#content, before, String(write));
    assert.equal(this.encoder.hasChanges, false, String(write));
  }

  /** Asserts that after a write that passes a client holds what the server does. */
  takes(write: (state: World) => unknown): void {
    write(this.state);
    this.#decoder.decode(this.encoder.encode());
    this.encoder.discardChanges();
    assert.deepEqual(plain(this.#decoder.state), plain(this.state), String(write));
  }

  get #content(): string {
    return JSON.stringify(plain(this.state));
  }
}

/** What every client gets of a state, as JSON has it. */
function plain(state: object): unknown {
  const { stream: _, board: _b, rules: _r, seen: _s, ...rest } = (state as World).toJSON();
  const content = JSON.stringify(rest, (_key, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
  return JSON.parse(content) as unknown;
}

describe("a state whose numbers are checked", () => {
  it("refuses what a field cannot hold, and says which, what and why", () => {
    const checked = new Checked();
    checked.refuses(
      (state) => (state.hp = 300),
      /^NumWorld\.hp cannot be 300: a uint8 is a whole number from 0 to 255$/,
    );
    checked.refuses((state) => (state.hp = -1), /NumWorld\.hp cannot be -1/);
    checked.refuses((state) => (state.hp = 1.5), /NumWorld\.hp cannot be 1\.5/);
    checked.refuses((state) => (state.hp = Number.NaN), /NumWorld\.hp cannot be NaN/);
    checked.refuses((state) => (state.hp += Infinity), /NumWorld\.hp cannot be Infinity/);
    checked.refuses((state) => (state.total = 0 / 0), /NumWorld\.total cannot be NaN/);
    checked.refuses((state) => (state.cell.x = 1e39), /NumCell\.x cannot be 1e\+39: a float32/);
    checked.refuses((state) => (state.cell.big = -1n), /NumCell\.big cannot be -1n: a biguint64/);
    checked.refuses((state) => (state.rules = 65_536), /NumWorld\.rules/);
    checked.refuses((state) => (state.seen = -1), /NumWorld\.seen/);
  });

  it("refuses it in any kind of collection, whichever way it comes in", () => {
    const checked = new Checked();
    checked.refuses((state) => state.list.push(4, 256), /^NumWorld\.list cannot be 256: a uint8/);
    checked.refuses((state) => state.list.unshift(-1), /NumWorld\.list/);
    checked.refuses((state) => state.list.splice(0, 2, 7, 0.5), /NumWorld\.list/);
    checked.refuses((state) => (state.list[1] = 300), /^NumWorld\.list\[1\] cannot be 300/);
    checked.refuses((state) => (state.list = [1, 2, 300] as never), /^NumWorld\.list\[2\]/);
    checked.refuses((state) => (state.list = new ArraySchema(1, -2)), /^NumWorld\.list\[1\]/);
    checked.refuses((state) => (state.list = new Set([1, 999]) as never), /^NumWorld\.list\[1\]/);
    checked.refuses((state) => state.map.set("a", 40_000), /^NumWorld\.map\["a"\] cannot be 40000/);
    checked.refuses((state) => state.map.getOrInsert("b", 40_000), /^NumWorld\.map\["b"\]/);
    checked.refuses((state) => state.map.getOrInsertComputed("b", () => 0.1), /NumWorld\.map/);
    checked.refuses((state) => (state.map = new MapSchema({ c: 1e9 })), /^NumWorld\.map\["c"\]/);
    checked.refuses((state) => (state.map = new Map([["c", 1e9]]) as never), /NumWorld\.map/);
    checked.refuses((state) => (state.map = { c: 1e9 } as never), /^NumWorld\.map\["c"\]/);
    checked.refuses((state) => state.set.add(256), /^NumWorld\.set cannot be 256/);
    checked.refuses((state) => (state.set = new SetSchema([-1])), /^NumWorld\.set\[0\]/);
    checked.refuses((state) => state.heap.add(Number.NaN), /^NumWorld\.heap cannot be NaN/);
    checked.refuses((state) => (state.heap = new CollectionSchema([-1])), /^NumWorld\.heap/);
    checked.refuses((state) => state.bigs.push(2n ** 63n), /^NumWorld\.bigs/);
  });

  it("refuses in a collection of numbers what is none, which the package lets through", () => {
    const checked = new Checked();
    checked.refuses(
      (state) => state.list.push("secret" as never),
      /cannot be of type string: a uint8/,
    );
    checked.refuses((state) => state.list.push(1n as never), /cannot be 1n: a uint8/);
    checked.refuses(
      (state) => state.map.set("a", {} as never),
      /cannot be of type object: an int16/,
    );
    checked.refuses(
      (state) => state.floats.push("1" as never),
      /cannot be of type string: a float64/,
    );
    checked.refuses((state) => state.bigs.push(1 as never), /cannot be 1: a bigint64/);
  });

  it("refuses what was made outside of it and does not fit, with all that comes with it", () => {
    const checked = new Checked();
    const ill = (): InstanceType<typeof Cell> => new Cell({ hp: 300 } as never);
    checked.refuses((state) => (state.cell = ill()), /^NumCell\.hp cannot be 300/);
    checked.refuses((state) => state.cells.push(new Cell(), ill()), /^NumCell\.hp/);
    checked.refuses((state) => (state.cells[0] = ill()), /^NumCell\.hp/);
    checked.refuses((state) => state.cells.splice(0, 1, ill()), /^NumCell\.hp/);
    checked.refuses((state) => state.cells.unshift(ill()), /^NumCell\.hp/);
    checked.refuses((state) => (state.cells = [new Cell(), ill()] as never), /^NumCell\.hp/);
    checked.refuses((state) => state.stream.add(ill()), /^NumCell\.hp/);
    checked.refuses(
      (state) => state.cells.push(new Boss({ rage: 200 } as never)),
      /^NumBoss\.rage/,
    );
    const nests = [new Nest(), new Nest(), new Nest()] as const;
    nests[0].cell.hp = -5;
    nests[1].levels.push(1, 256);
    nests[2].cells.set("z", ill());
    checked.refuses((state) => (state.nest = nests[0]), /^NumCell\.hp cannot be -5/);
    checked.refuses((state) => (state.nest = nests[1]), /^NumNest\.levels\[1\] cannot be 256/);
    checked.refuses((state) => (state.nest = nests[2]), /^NumCell\.hp cannot be 300/);
  });

  it("takes what was refused once it has been put right", () => {
    const checked = new Checked();
    const nest = new Nest();
    nest.levels.push(256);
    checked.refuses((state) => (state.nest = nest), /levels/);
    nest.levels[0] = 255;
    checked.takes((state) => (state.nest = nest));
    checked.refuses((state) => state.nest!.levels.push(256), /^NumNest\.levels cannot be 256/);
    checked.refuses((state) => (state.nest!.cell.hp = 256), /^NumCell\.hp cannot be 256/);
    checked.refuses((state) => state.nest!.cells.set("a", new Cell({ x: 1e40 } as never)), /x/);
  });

  it("checks what came later, and no longer what has left", () => {
    const checked = new Checked();
    const cell = new Boss();
    cell.hp = 999;
    cell.hp = 9;
    checked.takes((state) => state.cells.push(cell));
    checked.refuses(() => (cell.hp = 999), /^NumBoss\.hp cannot be 999/);
    checked.refuses(() => (cell.rage = -129), /^NumBoss\.rage cannot be -129/);
    checked.takes((state) => state.cells.pop());
    cell.hp = 999;
    checked.refuses((state) => state.cells.push(cell), /^NumBoss\.hp cannot be 999/);
  });

  it("checks an array that moves to a field of another type", () => {
    const Pair = schema({ wide: t.array("uint16"), narrow: t.array("uint8") }, "NumPair");
    const state = new Pair();
    state.wide.push(1, 300);
    checkNumbers(new Encoder(state));
    assert.throws(() => (state.narrow = state.wide), { code: "out-of-range" });
  });

  it("checks as well while tracking is paused", () => {
    const checked = new Checked();
    checked.refuses((state) => state.untracked(() => (state.hp = 300)), /NumWorld\.hp/);
  });

  it("keeps what was set before the refused one of several", () => {
    const { state } = new Checked();
    assert.throws(() => state.assign({ hp: 7, total: Infinity }), { code: "out-of-range" });
    assert.deepEqual([state.hp, state.total], [7, 0]);
  });

  it("takes the numbers at the edges, of which a client reads every one", () => {
    const checked = new Checked();
    checked.takes((state) => state.assign({ hp: 255, total: -(2 ** 60), free: 1e300 }));
    checked.takes((state) => state.assign({ hp: 0, total: 2 ** 53 + 2 }));
    checked.takes((state) => (state.list = [0, 255] as never));
    checked.takes((state) => (state.list = new Set([4, 5]) as never));
    checked.takes((state) => state.list.splice(1, 1, 7, 8, 9));
    checked.takes((state) => (state.list[0] = 200));
    checked.takes((state) => state.list.unshift(0));
    checked.takes((state) => (state.map = { low: -32_768, high: 32_767 } as never));
    checked.takes((state) => state.set.add(255));
    checked.takes((state) => state.heap.add(0));
    checked.takes((state) => state.bigs.push(-(2n ** 63n), 2n ** 63n - 1n));
    checked.takes((state) => (state.cell.big = 2n ** 64n - 1n));
    checked.takes((state) => (state.cell = new Cell({ hp: 3, x: -0.5 } as never)));
    checked.takes((state) => state.cells.push(new Boss({ rage: -128 } as never)));
    checked.takes((state) => state.cells.shuffle());
    checked.takes((state) => (state.nest = undefined as never));
  });

  it("leaves to the package what it refuses itself, and what is no number's business", () => {
    const { state } = new Checked();
    assert.throws(() => (state.hp = "5" as never), /'number' was expected/);
    assert.throws(() => state.map.set("a", undefined as never), /undefined/);
    state.words.set("a", "300");
    state.list.push(undefined as never);
    state.turn = 1_000;
    assert.equal(state.turn, 10);
    assert.throws(() => state.board.set(0, 0, 4), RangeError);
  });

  it("asks once for each write, however many states and subclasses have the field", () => {
    const setter = (): unknown => Object.getOwnPropertyDescriptor(Cell.prototype, "hp")?.set;
    new Checked().state.cells.push(new Cell());
    const before = setter();
    const { state } = new Checked();
    const Chief = Boss.extend({ rank: t.uint8().default(0) }, "NumChief");
    state.cells.push(new Cell(), new Chief());
    assert.equal(setter(), before);
  });

  it("shows nothing of it to whoever walks through an object", () => {
    const { state } = new Checked();
    const other = new World();
    other.list.push(1, 2, 3);
    assert.deepEqual(Object.keys(state.list), Object.keys(other.list));
    assert.deepEqual(Object.keys(state.map), Object.keys(other.map));
    assert.deepEqual(state.list.toJSON(), other.list.toJSON());
    assert.deepEqual(Object.keys(state), Object.keys(other));
  });
});

describe("a state whose numbers are not checked", () => {
  it("behaves as before, though its classes are checked in another", () => {
    const { state } = new Checked();
    const other = new World();
    const encoder = new Encoder(other);
    other.cell.hp = 300;
    other.list.push(256);
    other.list[0] = -1;
    other.map.set("a", 40_000);
    other.cells.push(new Cell({ hp: 999 } as never));
    other.total = Infinity;
    other.assign({ hp: 1.5, nest: new Nest() });
    assert.deepEqual(
      [other.hp, other.cell.hp, other.list[0], other.total],
      [1.5, 300, -1, Infinity],
    );
    assert.ok(encoder.encode().byteLength > 0);
    assert.throws(() => (state.hp = 300), { code: "out-of-range" });
  });

  it("is one that a part has come into from a checked one, until it comes back", () => {
    const { state } = new Checked();
    const other = new World();
    const encoder = new Encoder(other);
    const { list } = state;
    const cell = state.cells.pop()!;
    state.list = new ArraySchema();
    other.list = list;
    other.cells.push(cell);
    cell.hp = 300;
    list.push(300);
    encoder.discardChanges();
    assert.throws(() => state.cells.push(cell), { code: "out-of-range" });
    assert.throws(() => (state.list = list), { code: "out-of-range" });
  });

  it("is one that a client holds, also in the process of its server", () => {
    const { encoder } = new Checked();
    const mirror = new Decoder(new World());
    mirror.decode(encoder.encodeAll());
    mirror.state.hp = 300;
    assert.deepEqual([mirror.state.hp, mirror.state.list.toArray()], [300, [1, 2, 3]]);
  });
});

describe("a game's own accessor", () => {
  it("is asked before the check, since it may put the number right", () => {
    class Clamped extends Cell {
      override set hp(value: number) {
        super.hp = Math.min(value, 255);
      }

      override get hp(): number {
        return super.hp;
      }
    }
    const { state } = new Checked();
    const clamped = new Clamped();
    state.cells.push(clamped);
    clamped.hp = 300;
    assert.equal(clamped.hp, 255);
    assert.throws(() => (clamped.hp = -1), { code: "out-of-range" });
  });
});

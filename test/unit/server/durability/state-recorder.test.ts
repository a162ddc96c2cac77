import assert from "node:assert/strict";
import { defineCustomTypes, FieldBuilder, schema, t } from "@colyseus/schema";
import { readSavedState } from "../../../../server/durability/state/read-saved-state.ts";
import { grid } from "../../../../shared/state/grid-field.ts";
import { RecordedRoom } from "./recorded-room.ts";
import { contentOf } from "./state-content.ts";

const Part = schema({ size: t.number().default(0) }, "StepPart");
const Whole = schema(
  {
    count: t.number().default(0),
    label: t.string().optional(),
    parts: t.map(Part),
    chosen: t.ref(Part).optional(),
    list: t.array(Part),
    words: t.array("string"),
    crew: t.set(Part),
    plan: t.string().view().optional(),
    flash: t.number().patchOnly(),
    seed: t.number().fullStateOnly(),
    drift: t.number().unreliable(),
    scratch: t.number().noSync().default(1),
    board: grid({ width: 100, height: 100, colors: 8 }),
  },
  "StepWhole",
);
type Whole = InstanceType<typeof Whole>;

/** A room whose first record has been taken. */
function begun(state = new Whole()): RecordedRoom<Whole> {
  const room = new RecordedRoom(state);
  room.tick();
  return room;
}

function assertSaved(room: RecordedRoom<Whole>): void {
  assert.deepEqual(contentOf(room.restart().state), contentOf(room.state));
}

describe("StateRecorder", () => {
  it("records nothing of a tick in which nothing happened", () => {
    const room = begun();
    room.tick();
    room.state.count = 0;
    room.state.board.set(1, 1, 0);
    room.tick();
    room.tick();
    assert.equal(room.changes.length, 1);
  });

  it("records a tick without clients, for which no patch was encoded", () => {
    const room = begun();
    room.state.count = 5;
    room.tick();
    assertSaved(room);
    assert.equal(room.restart().state.count, 5);
  });

  it("writes in bytes what changed, however large the state is", () => {
    const room = begun();
    for (let at = 0; at < 1_000; at++) room.state.parts.set(`part ${at}`, new Part());
    for (let at = 0; at < 1_000; at++) room.state.words.push(`word ${at}`);
    for (let at = 0; at < 10_000; at += 3) {
      room.state.board.set(at % 100, Math.floor(at / 100), at % 8);
    }
    room.tick();
    const cases: [what: string, most: number, change: (state: Whole) => unknown][] = [
      ["a field", 12, (state) => (state.count += 1)],
      ["a field of a part", 14, (state) => (state.parts.get("part 7")!.size += 1)],
      ["a cell", 20, (state) => state.board.set(3, 3, (state.board.get(3, 3) + 1) % 8)],
      ["a word in front", 24, (state) => state.words.unshift("first")],
      ["the first word's end", 14, (state) => state.words.shift()],
      ["a word in the middle", 24, (state) => state.words.splice(500, 1, "other", "more")],
      ["an entry that goes", 14, (state) => state.parts.delete("part 3")],
      ["an entry that comes back", 40, (state) => state.parts.set("part 3", new Part())],
    ];
    for (const [what, most, change] of cases) {
      change(room.state);
      const bytes = room.save()?.byteLength ?? 0;
      room.encoder.discardChanges();
      assert.ok(bytes > 0 && bytes <= most, `${what}: ${bytes} bytes`);
      assertSaved(room);
    }
  });

  it("records what no patch shows, or not to everybody", () => {
    const room = begun();
    room.state.assign({ plan: "secret", flash: 0.1, seed: 3, drift: 4 });
    room.tick();
    assertSaved(room);
    // From here on it is no longer new to anybody, and upstream tracks it in other ways.
    for (const name of ["plan", "flash", "seed", "drift"] as const) {
      Object.assign(room.state, { [name]: name === "plan" ? "other" : 7.5 });
      room.tick();
      assertSaved(room);
    }
    const { plan, flash, seed, drift } = room.restart().state;
    assert.deepEqual(
      { plan, flash, seed, drift },
      { plan: "other", flash: 7.5, seed: 7.5, drift: 7.5 },
    );
  });

  it("leaves out what is never synced", () => {
    const room = begun();
    room.state.scratch = 5;
    room.tick();
    assert.equal(room.changes.length, 1);
    assert.equal(room.restart().state.scratch, 1);
  });

  it("keeps one part for two places, and a part that moved in both ticks", () => {
    const room = begun();
    const part = new Part().assign({ size: 3 });
    room.state.parts.set("a", part);
    room.state.chosen = part;
    room.tick();
    room.state.parts.delete("a");
    room.state.list.push(part);
    room.tick();
    room.state.chosen = undefined;
    part.size = 4;
    room.tick();
    assertSaved(room);
    const { state } = begun(room.restart().state);
    assert.equal(state.list[0]!.size, 4);
  });

  it("keeps a part that upstream tracks though it left, and that comes back", () => {
    const room = begun();
    const part = new Part().assign({ size: 1 });
    room.state.crew.add(part);
    room.tick();
    // `SetSchema#clear` does not take its elements out of the state.
    room.state.crew.clear();
    room.tick();
    room.compact();
    part.size = 2;
    room.tick();
    room.state.list.push(part);
    room.tick();
    assertSaved(room);
    assert.equal(room.restart().state.list[0]!.size, 2);
  });

  it("forgets in a compaction what the state no longer leads to", () => {
    const room = begun();
    room.state.parts.set("a", new Part());
    room.tick();
    room.state.parts.delete("a");
    room.tick();
    room.compact();
    const { byteLength } = room.snapshot!;
    for (let at = 0; at < 100; at++) room.state.parts.set("a", new Part());
    room.tick();
    room.state.parts.delete("a");
    room.tick();
    room.compact();
    assert.ok(room.snapshot!.byteLength <= byteLength + 4, `${room.snapshot!.byteLength} bytes`);
    assertSaved(room);
  });

  it("begins anew with a state that replaces another, whose ref ids begin anew as well", () => {
    const room = begun();
    room.state.parts.set("a", new Part());
    room.tick();
    const next = new RecordedRoom(new Whole().assign({ count: 9 }), room.saved);
    next.tick();
    assertSaved(next);
    next.compact();
    assertSaved(next);
  });

  it("goes on from a snapshot that took the place of records which were not saved", () => {
    const room = begun();
    room.state.words.push("a", "b");
    room.save();
    room.encoder.discardChanges();
    room.state.words.shift();
    room.tick();
    room.snapshot = room.recorder.snapshot();
    room.changes = [];
    assertSaved(room);
    room.state.words.push("c");
    room.tick();
    assertSaved(room);
  });

  it("goes on from a snapshot that has some of the open tick", () => {
    const room = begun();
    room.state.words.push("a", "b", "c");
    room.tick();
    // As many that come as go: their number does not tell that the snapshot has them.
    room.state.words.push("d");
    room.state.words.shift();
    room.state.parts.set("a", new Part());
    room.snapshot = room.recorder.snapshot();
    room.changes = [];
    room.tick();
    assertSaved(room);
    assert.deepEqual([...room.restart().state.words], ["b", "c", "d"]);
  });

  it("is as it was when a snapshot is not used", () => {
    const room = begun();
    room.state.words.push("a");
    room.recorder.snapshot();
    room.state.words.push("b");
    room.tick();
    room.recorder.snapshot();
    room.state.words.push("c");
    room.tick();
    assertSaved(room);
  });

  it("has all of the state in the record behind one that failed", () => {
    const room = begun();
    room.state.words.push("a");
    const list = room.state.words as unknown as { tmpItems: unknown };
    const { tmpItems } = list;
    list.tmpItems = null;
    assert.throws(() => room.recorder.takeChanges(), TypeError);
    list.tmpItems = tmpItems;
    room.encoder.discardChanges();
    room.tick();
    assertSaved(room);
  });

  it("records the keys of a map in their order, wherever one was put back", () => {
    const room = begun();
    for (const key of ["a", "b", "c", "d"]) room.state.parts.set(key, new Part());
    room.tick();
    const { parts } = room.state;
    parts.set("b", new Part());
    const first = parts.get("a")!;
    parts.delete("a");
    parts.set("e", new Part());
    parts.set("a", first);
    room.tick();
    assert.deepEqual([...room.restart().state.parts.keys()], ["b", "c", "d", "e", "a"]);
    assertSaved(room);
  });

  it("writes an array whole when upstream's notes of it are not true", () => {
    const room = begun();
    room.state.words.push("c", "a", "b");
    room.tick();
    // Those that are gone are sorted with the others, and their places are not.
    room.state.words.pop();
    // oxlint-disable-next-line unicorn/no-array-sort -- in place is what is told
    room.state.words.sort();
    room.tick();
    assert.deepEqual([...room.restart().state.words], ["a", "c"]);
    // Of a word that came and went, only the going is noted, for a word that was there.
    room.state.words.unshift("x");
    room.state.words.shift();
    room.tick();
    assert.deepEqual([...room.restart().state.words], ["a", "c"]);
  });

  it("records values of a type that the game defined", () => {
    const types = defineCustomTypes({
      recordedPair: {
        encode: (bytes: Uint8Array, value: [number, number], it: { offset: number }) => {
          for (const each of value) bytes[it.offset++] = each;
        },
        decode: (bytes: Uint8Array, it: { offset: number }) => [
          bytes[it.offset++],
          bytes[it.offset++],
        ],
      },
    } as never);
    assert.ok(types);
    const Custom = schema(
      { pair: new FieldBuilder<[number, number]>("recordedPair" as never), all: t.map("number") },
      "StepCustom",
    );
    const state = new Custom();
    state.pair = [3, 4];
    const room = new RecordedRoom(state as never);
    room.tick();
    state.pair = [5, 6];
    room.tick();
    room.compact();
    assert.deepEqual((room.restart().state as typeof state).pair, [5, 6]);
    assert.deepEqual(readSavedState(room.saved)["pair"], [5, 6]);
  });
});

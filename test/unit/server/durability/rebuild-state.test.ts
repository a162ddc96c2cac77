import assert from "node:assert/strict";
import { type Decoder, Encoder, Reflection, type Schema, schema, t } from "@colyseus/schema";
import { readSavedState } from "../../../../server/durability/state/read-saved-state.ts";
import { rebuildState, succeedState } from "../../../../server/durability/state/rebuild-state.ts";
import type { SavedRecords } from "../../../../server/durability/state/saved-records.ts";
import { nextRefId, refIdOf } from "../../../../server/durability/state/state-internals.ts";
import { grid } from "../../../../shared/state/grid-field.ts";
import { Grid } from "../../../../shared/state/grid.ts";
import { RecordedRoom } from "./recorded-room.ts";
import { contentOf } from "./state-content.ts";

/** What is saved of a state as it is. */
function savedOf(state: Schema): SavedRecords {
  const room = new RecordedRoom(state);
  room.tick();
  return room.saved;
}

/** One class as two versions of a game have it. */
function versions<Old extends object, New extends object>(
  before: Old,
  after: New,
): { saved: SavedRecords; now: new () => Schema } {
  const Before = schema({ count: t.number().default(1), ...before } as never, "Versioned");
  const After = schema({ count: t.number().default(1), ...after } as never, "Versioned");
  return { saved: savedOf(new Before()), now: After };
}

function refusal(run: () => unknown): { code: string; message: string } {
  let refused: unknown;
  try {
    run();
  } catch (error) {
    refused = error;
  }
  const { code, message } = refused as { code: string; message: string };
  return { code, message };
}

const Part = schema({ size: t.number().default(0) }, "RebuiltPart");

describe("rebuildState", () => {
  it("makes the game's own objects, with what it never syncs as in new ones", () => {
    class Counter extends schema(
      { total: t.number().default(0), scratch: t.number().noSync().default(4) },
      "RebuiltCounter",
    ) {
      #doubled = 0;
      cache = new Map<string, number>();

      double(): number {
        this.#doubled = this.total * 2;
        return this.#doubled;
      }
    }
    const Room = schema({ counters: t.map(Counter) }, "RebuiltRoom");
    const state = new Room();
    state.counters.set("a", new Counter().assign({ total: 21 }));
    const counter = rebuildState(Room, savedOf(state)).counters.get("a")!;
    assert.ok(counter instanceof Counter);
    assert.equal(counter.double(), 42);
    assert.equal(counter.scratch, 4);
    assert.equal(counter.cache.size, 0);
  });

  it("runs an `initialize` that asks for nothing, and leaves out one that does", () => {
    const runs: unknown[] = [];
    const Asking = schema(
      {
        name: t.string(),
        initialize(name: string) {
          runs.push(name);
          this.name = name.toUpperCase();
        },
      },
      "RebuiltAsking",
    );
    const Plain = schema(
      {
        asking: t.map(Asking),
        initialize() {
          runs.push("plain");
        },
      },
      "RebuiltPlain",
    );
    const state = new Plain();
    state.asking.set("a", new Asking("ada"));
    const saved = savedOf(state);
    runs.length = 0;
    assert.equal(rebuildState(Plain as never, saved) instanceof Plain, true);
    assert.deepEqual(runs, ["plain"]);
    const again = rebuildState(Plain as never, saved) as typeof state;
    assert.equal(again.asking.get("a")!.name, "ADA");
  });

  it("refuses a class that cannot be made without arguments", () => {
    class Needy extends schema({ name: t.string() }, "RebuiltNeedy") {
      constructor(options: { name: string }) {
        super();
        this.name = options.name;
      }
    }
    const saved = savedOf(new Needy({ name: "a" }));
    const { code, message } = refusal(() => rebuildState(Needy, saved));
    assert.equal(code, "state-incompatible");
    assert.match(message, /^a \w+ cannot be made without arguments: TypeError/);
  });

  it("gives fields that the class has got since their defaults, and saves those too", () => {
    const Base = schema({ first: t.number().default(1) }, "GrownBase");
    const Before = Base.extend({ last: t.string().default("x") }, "Grown");
    const GrownBase = schema({ first: t.number(), more: t.map(Part) }, "GrownBase");
    const After = GrownBase.extend(
      { last: t.string(), part: t.ref(Part), note: t.string().default("new") },
      "Grown",
    );
    const saved = savedOf(new Before().assign({ first: 7, last: "y" }));
    const before = new RecordedRoom(rebuildState(After, saved), saved);
    const { first, last, note, part, more } = before.state;
    assert.deepEqual(
      { first, last, note, size: part.size },
      { first: 7, last: "y", note: "new", size: 0 },
    );
    assert.ok(refIdOf(part)! > 0 && refIdOf(more)! > 0 && refIdOf(part) !== refIdOf(more));
    before.tick();
    before.state.more.set("a", new Part());
    before.tick();
    assert.deepEqual(contentOf(before.restart().state), contentOf(before.state));
  });

  it("refuses a class that lost a field, or whose field is of another type", () => {
    const lost = versions({ hp: t.uint8().default(1) }, { health: t.uint8() });
    assert.deepEqual(
      refusal(() => rebuildState(lost.now, lost.saved)),
      {
        code: "state-incompatible",
        message: 'the state has changed: Versioned has no field "hp" any more',
      },
    );
    const changes: [before: object, after: object, text: string][] = [
      [{ hp: t.uint8() }, { hp: t.string() }, 'field "hp" of Versioned was uint8 and is string'],
      [{ hp: t.map("uint8") }, { hp: t.map("uint16") }, "was map<uint8> and is map<uint16>"],
      [{ hp: t.array(Part) }, { hp: t.map(Part) }, "was array<ref> and is map<ref>"],
      [
        { hp: t.quantized({ min: 0, max: 1 }) },
        { hp: t.quantized({ min: 0, max: 2 }) },
        "was quantized(0,1,16,clamp) and is quantized(0,2,16,clamp)",
      ],
    ];
    for (const [before, after, text] of changes) {
      const { saved, now } = versions(before, after);
      const { code, message } = refusal(() => rebuildState(now, saved));
      assert.equal(code, "state-incompatible");
      assert.ok(message.endsWith(text), message);
    }
  });

  it("finds a class by its place where only one can stand, and by its name where several can", () => {
    const Animal = schema({ legs: t.uint8().default(4) }, "RebuiltAnimal");
    const Bird = Animal.extend({ wings: t.uint8().default(2) }, "RebuiltBird");
    const Zoo = schema({ all: t.map(Animal), part: t.ref(Part) }, "RebuiltZoo");
    const state = new Zoo();
    state.all.set("a", new Animal());
    state.all.set("b", new Bird());
    const saved = savedOf(state);
    assert.ok(rebuildState(Zoo, saved).all.get("b") instanceof Bird);

    const Renamed = schema({ size: t.number() }, "RebuiltThing");
    const Other = schema({ all: t.map(Animal), part: t.ref(Renamed) }, "RebuiltPark");
    assert.ok(rebuildState(Other, saved).part instanceof Renamed);

    const Beast = schema({ legs: t.uint8() }, "RebuiltAnimal");
    Beast.extend({ fins: t.uint8() }, "RebuiltFish");
    const Poor = schema({ all: t.map(Beast), part: t.ref(Part) }, "RebuiltZoo");
    assert.deepEqual(
      refusal(() => rebuildState(Poor, saved)),
      {
        code: "state-incompatible",
        message: "class RebuiltBird of the state is unknown; there are RebuiltAnimal, RebuiltFish",
      },
    );
  });

  it("tells classes without a name apart by their fields", () => {
    const Shape = schema({ x: t.number().default(1) });
    const Disc = Shape.extend({ radius: t.number().default(2) });
    const Box = Shape.extend({ width: t.number().default(3) });
    const Drawing = schema({ all: t.array(Shape) }, "RebuiltDrawing");
    const state = new Drawing();
    state.all.push(new Box(), new Shape(), new Disc());
    const { all } = rebuildState(Drawing, savedOf(state));
    assert.deepEqual(
      [...all].map(({ constructor }) => constructor),
      [Box, Shape, Disc],
    );
  });

  it("goes on with ref ids above all that were handed out, seen or not", () => {
    const Room = schema({ parts: t.map(Part) }, "RebuiltIds");
    const room = new RecordedRoom(new Room());
    room.tick();
    room.state.parts.set("a", new Part());
    room.state.parts.delete("a");
    room.tick();
    const next = nextRefId(room.encoder.root);
    const { state } = room.restart();
    const part = new Part();
    state.parts.set("b", part);
    assert.equal(refIdOf(part), next);
  });

  it("has nothing for the next patch, and tracks every change from then on", () => {
    const Room = schema(
      { parts: t.map(Part), board: grid({ width: 9, height: 9, colors: 4 }) },
      "Tracked",
    );
    const room = new RecordedRoom(new Room());
    room.state.parts.set("a", new Part());
    room.tick();
    const again = room.restart();
    assert.equal(again.encoder.hasChanges, false);
    assert.equal(again.tick([undefined]).get(undefined)!.byteLength, 0);
    const page: Decoder = Reflection.decode(Reflection.encode(again.encoder));
    page.decode(again.fullState(undefined));
    const removed = again.state.parts.get("a")!;
    removed.size = 3;
    again.state.board.set(1, 2, 3);
    page.decode(again.tick([undefined]).get(undefined)!);
    const seen = page.state as typeof again.state;
    assert.equal(seen.parts.get("a")!.size, 3);
    assert.equal(seen.board.get(1, 2), 3);
    again.state.parts.delete("a");
    page.decode(again.tick([undefined]).get(undefined)!);
    assert.equal(again.encoder.root.changeTrees[refIdOf(removed)!], undefined, "it is still held");
    assert.equal(page.root.refs.has(refIdOf(removed)!), false);
  });

  it("records what the game changed before it handed the state over", () => {
    const Room = schema({ count: t.number().default(0), parts: t.map(Part) }, "RebuiltEarly");
    const { saved } = (() => {
      const room = new RecordedRoom(new Room());
      room.tick();
      return room;
    })();
    const state = rebuildState(Room, saved);
    state.count = 5;
    const part = new Part();
    state.parts.set("a", part);
    const room = new RecordedRoom(state, saved);
    room.tick();
    assert.ok(refIdOf(part)! > 1);
    assert.deepEqual(contentOf(room.restart().state), contentOf(state));
  });

  it("hands streams out once more, to those who are new", () => {
    const Room = schema({ swarm: t.stream(Part) }, "RebuiltSwarm");
    const room = new RecordedRoom(new Room());
    room.state.swarm.add(new Part().assign({ size: 7 }));
    room.tick([undefined]);
    const again = room.restart();
    const page: Decoder = Reflection.decode(Reflection.encode(again.encoder));
    page.decode(again.fullState(undefined));
    page.decode(again.tick([undefined]).get(undefined)!);
    const { swarm } = page.state as typeof again.state;
    assert.deepEqual(
      [...swarm.values()].map(({ size }) => size),
      [7],
    );
  });

  it("gives a grid the shape that it had", () => {
    const Room = schema({ board: grid({ width: 9, height: 9, colors: 4 }) }, "RebuiltBoard");
    const state = new Room();
    state.board = new Grid({ width: 3, height: 2, colors: 200 });
    state.board.set(2, 1, 199);
    const { board } = rebuildState(Room, savedOf(state));
    assert.deepEqual(board.toJSON(), { width: 3, height: 2, colors: 200 });
    assert.equal(board.get(2, 1), 199);
    assert.equal(board.set(2, 1, 3), true);
  });

  it("can be given to a second encoder, and is recorded whole again", () => {
    const Room = schema({ count: t.number().default(3) }, "RebuiltTwice");
    const saved = savedOf(new Room());
    const first = new RecordedRoom(rebuildState(Room, saved), saved);
    assert.equal(first.save(), undefined);
    assert.ok(new RecordedRoom(first.state).save() !== undefined);
  });
});

describe("succeedState", () => {
  it("keeps the ref ids of a migrated state apart from those that pages know", () => {
    const Before = schema({ parts: t.map(Part) }, "SucceededBefore");
    const After = schema({ parts: t.array(Part) }, "SucceededAfter");
    const room = new RecordedRoom(new Before());
    room.state.parts.set("a", new Part());
    room.tick();
    const state = new After();
    state.parts.push(new Part());
    succeedState(state, room.saved);
    const next = new RecordedRoom(state, room.saved);
    assert.equal(refIdOf(state), 0);
    const ids = [state.parts, state.parts[0]!].map((part) => refIdOf(part)!);
    assert.deepEqual(
      ids.map((refId) => refId >= nextRefId(room.encoder.root)),
      [true, true],
    );
    next.tick();
    assert.deepEqual(contentOf(next.restart().state), contentOf(state));
  });
});

describe("readSavedState", () => {
  it("reads a state as plain data, without its classes", () => {
    const Room = schema(
      {
        title: t.string().default("hall"),
        parts: t.map(Part),
        list: t.array(Part),
        tags: t.set("string"),
        angle: t.quantized({ min: -1, max: 1, bits: 8 }),
        board: grid({ width: 2, height: 1, colors: 4 }),
        nobody: t.ref(Part).optional(),
        plan: t.string().view(),
      },
      "PlainRoom",
    );
    const state = new Room();
    const part = new Part().assign({ size: 2 });
    state.parts.set("__proto__x", part);
    state.list.push(part);
    state.tags.add("a");
    state.angle = 0.3;
    state.plan = "secret";
    state.board.set(1, 0, 3);
    const plain = readSavedState(savedOf(state));
    assert.equal(Object.getPrototypeOf(plain), null);
    const parts = plain["parts"] as Map<string, { size: number }>;
    assert.deepEqual([...parts.keys()], ["__proto__x"]);
    assert.equal((plain["list"] as unknown[])[0], parts.get("__proto__x"));
    assert.equal(parts.get("__proto__x")!.size, 2);
    assert.equal(plain["angle"], state.angle);
    assert.deepEqual(plain["tags"], ["a"]);
    assert.deepEqual([plain["title"], plain["plan"], "nobody" in plain], ["hall", "secret", false]);
    assert.deepEqual(plain["board"], {
      width: 2,
      height: 1,
      colors: 4,
      cells: Uint8Array.of(0, 3),
    });
  });
});

describe("an encoder of a state that was not rebuilt", () => {
  it("keeps what it has to send", () => {
    const Room = schema({ count: t.number().default(3) }, "NeverRebuilt");
    const room = new RecordedRoom(new Room());
    assert.equal(room.encoder.hasChanges, true);
    assert.ok(room.encoder instanceof Encoder);
  });
});

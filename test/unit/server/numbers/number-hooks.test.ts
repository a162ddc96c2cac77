import assert from "node:assert/strict";
import { Room, SchemaSerializer } from "@colyseus/core";
import {
  ArraySchema,
  CollectionSchema,
  Encoder,
  MapSchema,
  schema,
  SetSchema,
  StreamSchema,
  t,
} from "@colyseus/schema";
import { treeOf, watchArrivals } from "../../../../server/durability/state/state-internals.ts";
import { roomInternals, serializerOf } from "../../../../server/rooms/colyseus-internals.ts";

const Part = schema({ size: t.uint8().default(1) }, "HookedPart");
const Larger = Part.extend({ edge: t.uint8().default(2) }, "HookedLarger");
const Whole = schema(
  {
    part: t.ref(Part),
    list: t.array("uint8"),
    parts: t.array(Part),
    map: t.map("uint8"),
    set: t.set("uint8"),
    heap: t.collection("uint8"),
    stream: t.stream(Part),
  },
  "HookedWhole",
);
type Whole = InstanceType<typeof Whole>;

function attached(): { state: Whole; encoder: Encoder<Whole> } {
  const state = new Whole();
  state.list.push(1, 2);
  const encoder = new Encoder(state);
  encoder.discardChanges();
  return { state, encoder };
}

const REFUSED = new Error("refused");

function refuse(): never {
  throw REFUSED;
}

/** Gives a collection a way in of its own that refuses, runs `write`, and tells what was left. */
function refusedBy(collection: object, method: string, write: () => unknown): unknown {
  const before = JSON.stringify(collection);
  Object.defineProperty(collection, method, { value: refuse, configurable: true });
  try {
    write();
    return "not asked";
  } catch (error) {
    if (error !== REFUSED) throw error;
    const isUntouched = JSON.stringify(collection) === before && !treeOf(collection).has();
    return isUntouched ? "refused" : "half done";
  } finally {
    Reflect.deleteProperty(collection, method);
  }
}

describe("what the check of numbers needs of @colyseus/schema", () => {
  it("has the accessors of fields on the prototype of the class that declares them", () => {
    const own = (prototype: object, name: string): PropertyDescriptor | undefined =>
      Object.getOwnPropertyDescriptor(prototype, name);
    for (const name of ["part", "list", "map"]) {
      const { set, configurable } = own(Whole.prototype, name) ?? {};
      assert.ok(set && configurable, `field "${name}" has no accessor that can be replaced`);
    }
    assert.ok(own(Part.prototype, "size")?.set, "a number's field has no accessor any more");
    assert.equal(own(Larger.prototype, "size"), undefined, "subclasses have their own accessors");
    assert.deepEqual(Object.keys(new Part()), [], "fields are own properties of instances");
  });

  it("sets fields through those accessors alone, also in constructors, assign and restore", () => {
    const Watched = schema({ size: t.uint8().default(1) }, "HookedWatched");
    const { set } = Object.getOwnPropertyDescriptor(Watched.prototype, "size") as {
      set: (this: object, value: unknown) => void;
    };
    const seen: unknown[] = [];
    Object.defineProperty(Watched.prototype, "size", {
      set(this: object, value: unknown) {
        seen.push(value);
        set.call(this, value);
      },
    });
    const watched = new Watched({ size: 2 });
    watched.assign({ size: 3 });
    watched.restore({ size: 4 });
    watched.size = 5;
    assert.deepEqual(seen, [2, 3, 4, 5], "a field is set without asking its accessor");
    assert.equal(watched.size, 5, "redefining `set` lost the getter of the accessor");
  });

  it("has nothing in an array before its own methods, and `$changeAt` for indexes, return", () => {
    const { state } = attached();
    const { list, parts } = state;
    const moved = "is not looked up on the array any more: what it is given goes unchecked";
    assert.equal(
      refusedBy(list, "push", () => list.push(3)),
      "refused",
      `push ${moved}`,
    );
    assert.equal(
      refusedBy(list, "unshift", () => list.unshift(3)),
      "refused",
      `unshift ${moved}`,
    );
    assert.equal(
      refusedBy(list, "splice", () => list.splice(0, 1, 3)),
      "refused",
      `splice ${moved}`,
    );
    for (const write of [() => (list[0] = 3), () => (list[2] = 3)]) {
      assert.equal(refusedBy(list, "$changeAt", write), "refused", `$changeAt ${moved}`);
    }
    const write = (): unknown => (parts[0] = new Part());
    assert.equal(refusedBy(parts, "$changeAt", write), "refused", `$changeAt ${moved}`);
  });

  it("has no other ways into an array", () => {
    const known = ["push", "unshift", "splice", "$changeAt"];
    // They take no elements, give another array, or throw; `move` is for what is there already.
    const harmless =
      /^(constructor|length|\$(wireIndex|isUnsentAdd|cancelAdd|reindexChildren|deleteAt|setAt)|(pause|resume)Tracking|untracked|isTrackingPaused|pop|at|clear|concat|join|reverse|shift|slice|sort|(last)?[iI]ndexOf|every|some|forEach|map|filter|reduce(Right)?|find(Last)?(Index)?|fill|copyWithin|to(Locale)?String|entries|keys|values|includes|flat(Map)?|with|to(Reversed|Sorted|Spliced|Array|JSON)|shuffle|move|clone|~\w+)$/;
    const others = Object.getOwnPropertyNames(ArraySchema.prototype).filter(
      (name) => !known.includes(name) && !harmless.test(name),
    );
    assert.deepEqual(
      others,
      [],
      "is it a way in for elements? then checked-collection.ts needs it",
    );
    assert.throws(() => new ArraySchema(1).fill(2), /not implemented/);
    assert.throws(() => new ArraySchema(1).copyWithin(0, 0), /not implemented/);
  });

  it("has `set` as the one way into a map", () => {
    const { map } = attached().state;
    const moved = "does not come in through the map's `set` any more";
    for (const write of [
      () => map.set("a", 1),
      () => map.getOrInsert("a", 1),
      () => map.getOrInsertComputed("a", () => 1),
    ]) {
      assert.equal(refusedBy(map, "set", write), "refused", `an entry ${moved}`);
    }
    const known =
      /^(constructor|set|get|getOrInsert(Computed)?|delete|clear|has|forEach|entries|keys|values|size|(pause|resume)Tracking|untracked|isTrackingPaused|[sg]etIndex|_dropView|_unregister|toJSON|clone|maxPerTick|priority|\$indexes|_collectionIndexes|~\w+)$/;
    const others = Object.getOwnPropertyNames(MapSchema.prototype);
    assert.deepEqual(
      others.filter((name) => !known.test(name)),
      [],
      "a new way into a map?",
    );
  });

  it("has `add` as the one way into sets, collections and streams", () => {
    const { set, heap, stream } = attached().state;
    for (const [collection, element] of [
      [set, 1],
      [heap, 1],
      [stream, new Part()],
    ] as const) {
      const write = (): unknown => (collection as { add(element: unknown): unknown }).add(element);
      const { name } = collection.constructor;
      assert.equal(refusedBy(collection, "add", write), "refused", `${name}#add is not looked up`);
    }
    for (const { prototype } of [SetSchema, CollectionSchema, StreamSchema]) {
      const ways = Object.getOwnPropertyNames(prototype).filter(
        (name) => /^(set|push|insert|append|union|getOrInsert)/i.test(name) && name !== "setIndex",
      );
      assert.deepEqual(ways, [], "a new way into a set, collection or stream?");
    }
  });

  it("has each part know the root of the state that it is in, and forget it when it leaves", () => {
    const { state, encoder } = attached();
    const part = new Larger();
    assert.equal(treeOf(part).root, undefined);
    state.parts.push(part);
    assert.equal(treeOf(part).root, encoder.root, "ChangeTree#root is not the encoder's root");
    state.parts.pop();
    assert.equal(treeOf(part).root, undefined, "what has left a state still has its root");
  });

  it("has each part come in through Root#add, with its child type and what it is in", () => {
    const { state, encoder } = attached();
    const seen: unknown[] = [];
    watchArrivals(encoder.root, ({ refTarget, parent, parentIndex }) =>
      seen.push([(refTarget as object).constructor.name, parent === state, parentIndex]),
    );
    state.list = [1] as never;
    state.part = new Larger();
    assert.deepEqual(
      seen,
      [
        ["ArraySchema", true, 1],
        ["HookedLarger", true, 0],
      ],
      "Root#add, ChangeTree#refTarget, #parent or #parentIndex have moved",
    );
  });
});

describe("what a refused state needs of Colyseus's Room", () => {
  it("is a serializer for each state, of which the last one that was set counts", () => {
    const room = new (class extends Room {
      override state = new Whole();
    })();
    roomInternals(room).__init();
    const before = serializerOf(room);
    assert.ok(before instanceof SchemaSerializer, "Room#_serializer has moved");
    room.state = new Whole();
    assert.notEqual(serializerOf(room), before, "a new state has no serializer of its own");
    room.setSerializer(before);
    assert.equal(serializerOf(room), before, "a room cannot go back to the state that it had");
    room.autoDispose = false;
    room.patchRate = null as unknown as number;
  });
});

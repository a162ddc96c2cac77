import assert from "node:assert/strict";
import { encode, schema, StateView, t } from "@colyseus/schema";
import * as content from "../../../../shared/state/schema-content.ts";
import { StatePair } from "./state-pair.ts";

const Leaf = schema({ value: t.number().default(0), plan: t.string().view(4) }, "ContentLeaf");
const Base = schema({ first: t.uint8().default(0) }, "ContentBase");
const State = Base.extend(
  {
    angle: t.angle(),
    leaf: t.ref(Leaf),
    map: t.map(Leaf),
    list: t.array(Leaf),
    words: t.array("string"),
    set: t.set(Leaf),
    heap: t.collection(Leaf),
    hidden: t.map(Leaf).view(),
    scratch: t.number().noSync(),
    live: t.number().patchOnly(),
    still: t.number().fullStateOnly(),
    loose: t.number().unreliable(),
    stream: t.stream(Leaf),
    slow: t.map(Leaf).stream(),
    old: t.number().deprecated(),
  },
  "ContentState",
);

function setUp(): {
  pair: StatePair<InstanceType<typeof State>>;
  state: InstanceType<typeof State>;
} {
  const state = new State();
  for (const leaves of [state.map, state.hidden]) leaves.set("key", new Leaf());
  state.list.push(new Leaf(), new Leaf());
  state.words.push("word");
  state.set.add(new Leaf());
  state.heap.add(new Leaf());
  return { pair: new StatePair(state), state };
}

function entriesOf(collection: object): [index: number, key: string | number, value: unknown][] {
  const entries: ReturnType<typeof entriesOf> = [];
  content.forEachEntry(collection, (...entry) => entries.push(entry));
  return entries;
}

describe("schema-content", () => {
  it("knows a part of the state by the same id on both sides", () => {
    const { pair, state } = setUp();
    const { state: decoded } = pair.join();
    for (const name of ["leaf", "map", "list", "words", "set", "heap"] as const) {
      const [sent, received] = [state[name], decoded[name]].map(content.refIdOf);
      assert.ok(sent !== undefined && sent === received, `$refId of "${name}" is not shared`);
    }
    assert.equal(content.refIdOf(decoded), 0, "the root no longer has the id 0");
    assert.equal(content.refIdOf(new Leaf()), undefined);
  });

  it("lists the fields that travel, inherited ones first, as both sides see them", () => {
    const { pair, state } = setUp();
    const sent = content.fieldsOf(state.constructor);
    const received = content.fieldsOf(pair.join().state.constructor);
    assert.deepEqual(received, sent, "metadata by index no longer survives the reflection");
    assert.deepEqual(
      sent.slice(0, 3),
      [
        { index: 0, name: "first", primitive: "uint8" },
        { index: 1, name: "angle", primitive: "float64" },
        { index: 2, name: "leaf", primitive: undefined },
      ],
      "metadata no longer has { name, type } by index, or quantized types no longer their key",
    );
    assert.ok(!sent.some(({ name }) => name === "scratch"), "noSync fields are in the metadata");
  });

  it("names fields that cannot be compared by the marks of their declaration", () => {
    const names = content.fieldsOf(State).map(({ name }) => name);
    assert.deepEqual(
      content.uncomparedFieldsOf(State).map((index) => names[index]),
      ["live", "still", "loose", "stream", "slow", "old"],
      "patchOnly, fullStateOnly, unreliable, stream or deprecated moved in the metadata",
    );
    assert.deepEqual(content.uncomparedFieldsOf(Leaf), []);
  });

  it("finds the classes of a state under the ids that the reflection gives them", () => {
    const { pair, state } = setUp();
    const sent = content.typesOf(state)!;
    const { context } = pair.join().decoder;
    for (const [schemaClass, typeId] of sent.schemas) {
      assert.deepEqual(content.fieldsOf(context.get(typeId)), content.fieldsOf(schemaClass));
    }
    assert.equal(sent.schemas.size, 3, "Root#types is no longer the state's TypeContext");
  });

  it("tells primitive children from schemas by $childType", () => {
    const { pair, state } = setUp();
    for (const each of [state, pair.join().state]) {
      assert.equal(content.primitiveChildOf(each.words), "string");
      assert.equal(content.primitiveChildOf(each.list), undefined);
    }
  });

  it("visits entries with the index under which they travel, and the key of a map", () => {
    const { state } = setUp();
    state.map.delete("key");
    state.map.set("later", new Leaf());
    state.set.delete([...state.set.values()][0]!);
    state.set.add(new Leaf());
    const later = state.map.get("later");
    assert.deepEqual(entriesOf(state.map), [[1, "later", later]], "_collectionIndexes moved");
    assert.deepEqual(entriesOf(state.words), [[0, 0, "word"]]);
    assert.equal(entriesOf(state.set)[0]?.[0], 1, "entries() of a set has other keys");
    assert.equal(entriesOf(state.heap)[0]?.[0], 0, "entries() of a collection has other keys");
  });

  it("knows from isFiltered, tags and the static filter what a view is sent", () => {
    const { pair, state } = setUp();
    const view = new StateView();
    const names = content.fieldsOf(State).map(({ name }) => name);
    const [leaf, hidden] = [names.indexOf("leaf"), names.indexOf("hidden")];
    const secret = state.hidden.get("key")!;
    pair.tick();
    const seen = (): boolean[] => [
      content.isSent(state, leaf, undefined),
      content.isSent(state, hidden, undefined),
      content.isSent(state, hidden, view),
      content.isSent(state.hidden, 0, view),
      content.isSeen(secret, undefined),
      content.isSeen(secret, view),
      content.isSent(secret, 1, view),
    ];
    assert.deepEqual(seen(), [true, false, false, false, false, false, false]);
    view.add(secret);
    assert.deepEqual(seen(), [true, false, true, true, false, true, false]);
    view.add(secret, 4);
    assert.deepEqual(seen(), [true, false, true, true, false, true, true]);
    view.remove(secret);
    assert.deepEqual(seen().slice(3, 6), [false, false, false]);
    assert.deepEqual(
      [content.isFiltered(state.hidden), content.isFiltered(state.map)],
      [true, false],
    );
  });

  it("writes past the end of bytes without effect, and counts it", () => {
    const it = { offset: 0 };
    const bytes = new Uint8Array(2);
    encode.string(bytes, "four", it);
    assert.deepEqual([...bytes, it.offset], [0xa4, "f".charCodeAt(0), 5]);
  });
});

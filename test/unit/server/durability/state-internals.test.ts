import assert from "node:assert/strict";
import {
  ChangeTree,
  Encoder,
  getEncodeDescriptor,
  OPERATION,
  type Schema,
  schema,
  t,
} from "@colyseus/schema";
import { fromSaved } from "../../../../server/durability/state/from-saved.ts";
import { RecordReader } from "../../../../server/durability/state/record-reader.ts";
import { RecordWriter } from "../../../../server/durability/state/record-writer.ts";
import * as internals from "../../../../server/durability/state/state-internals.ts";
import { WireBytes } from "../../../../server/durability/state/wire-bytes.ts";
import { useSeededRandom } from "../../../support/seeded-random.ts";

const Part = schema({ size: t.number().default(0) }, "HookPart");
const Whole = schema(
  {
    count: t.number().default(0),
    angle: t.quantized({ min: -2, max: 2, bits: 8 }),
    part: t.ref(Part).optional(),
    list: t.array(Part),
    words: t.array("string"),
    map: t.map(Part),
    set: t.set("string"),
    heap: t.collection("string"),
    stream: t.stream(Part),
    slow: t.map(Part).stream(),
    hidden: t.map(Part).view(),
    still: t.map("string").fullStateOnly(),
    fixed: t.number().fullStateOnly(),
    loose: t.number().unreliable(),
    gone: t.number().deprecated(),
    old: t.number().deprecated(false),
  },
  "HookWhole",
);
type Whole = InstanceType<typeof Whole>;

/** A state with nothing left to encode. */
function attached(): { state: Whole; encoder: Encoder<Whole> } {
  const state = new Whole();
  const encoder = new Encoder(state);
  encoder.discardChanges();
  return { state, encoder };
}

function changed(encoder: Encoder): object[] {
  const refs: object[] = [];
  internals.forEachChanged(encoder.root, (tree) => refs.push(tree.ref as object));
  return refs;
}

function operations(ref: object): [index: number, operation: OPERATION][] {
  return [...(internals.treeOf(ref).collDirty ?? [])];
}

describe("what a record needs of @colyseus/schema", () => {
  const random = useSeededRandom();

  it("tells its root of all that arrives, nested parts too, and again when it comes back", () => {
    const { state, encoder } = attached();
    const arrived: object[] = [];
    internals.watchArrivals(encoder.root, (tree) => arrived.push(tree.ref as object));
    const part = new Part();
    state.map.set("a", part);
    state.part = part;
    assert.equal(arrived[0], part, "Root#add has moved: new parts are recorded without content");
    state.map.delete("a");
    state.part = undefined;
    state.list.push(part);
    assert.equal(arrived.length, 2, "a part that comes back is no longer told");
    const nested = new Whole();
    const count = arrived.length;
    const Nest = schema({ whole: t.ref(Whole).optional() }, "HookNest");
    const nest = new Nest();
    const other = new Encoder(nest);
    internals.watchArrivals(other.root, (tree) => arrived.push(tree.ref as object));
    nest.whole = nested;
    assert.equal(arrived.length - count, internals.partsOf(other.root).length - 1);
  });

  it("has what a tick changed in a list, and nothing in it afterwards", () => {
    const { state, encoder } = attached();
    assert.equal(internals.hasPendingChanges(encoder.root), false);
    state.count = 1;
    state.words.push("a");
    const moved = "Root#changes has moved: ticks are recorded as empty";
    assert.deepEqual(changed(encoder), [state, state.words], moved);
    encoder.encode();
    assert.deepEqual(changed(encoder), [state, state.words], "encoding forgets what changed");
    encoder.discardChanges();
    assert.deepEqual(changed(encoder), []);
  });

  it("counts ref ids in `nextUniqueId`, and knows its parts by them", () => {
    const { state, encoder } = attached();
    const { root } = encoder;
    const moved = "Root#nextUniqueId has moved: ref ids are given out twice after a restart";
    assert.equal(internals.nextRefId(root), internals.partsOf(root).length, moved);
    internals.reserveRefIds(root, 1_000);
    internals.reserveRefIds(root, 10);
    state.part = new Part();
    assert.equal(internals.refIdOf(state.part), 1_000, moved);
    assert.equal(internals.isPart(root, internals.treeOf(state.part)), true);
    const tree = internals.treeOf(state.part);
    state.part = undefined;
    assert.equal(internals.isPart(root, tree), false);
  });

  it("keeps an id that a part has already when an encoder takes it over", () => {
    const state = new Whole();
    internals.setRefId(state, 0);
    internals.setRefId(state.list, 77);
    const reserved: unknown[] = [];
    const tree = internals.treeOf(state);
    tree.setRoot = (root) => {
      reserved.push(root);
      internals.reserveRefIds(root, 100);
      ChangeTree.prototype.setRoot.call(tree, root);
    };
    const { root } = new Encoder(state);
    assert.deepEqual(reserved, [root], "the encoder no longer asks the state's tree: ids collide");
    assert.equal(root.changeTrees[77]?.ref, state.list, "Root#add gives a part another id");
    assert.ok(internals.refIdOf(state.words)! >= 100);
  });

  it("keeps fields in `$values`, and those without an accessor as they are", () => {
    const { state } = attached();
    const fields = internals.fieldsOfClass(Whole);
    const valueOf = (name: string): unknown =>
      internals.fieldValue(
        state,
        fields.find((field) => field.name === name)!,
      );
    state.assign({ count: 3, old: 4 });
    assert.equal(valueOf("count"), 3, "$values has moved: fields are recorded as undefined");
    assert.equal(valueOf("old"), 4);
    assert.equal(valueOf("gone"), undefined, "a deprecated field is read through its getter");
    internals.setFieldValue(state, fields[0]!, 9);
    assert.equal(state.count, 9);
  });

  it("keeps an array's open tick in `items`, `tmpItems` and `deletedIndexes`", () => {
    const { state, encoder } = attached();
    state.words.push("a", "b", "c");
    encoder.discardChanges();
    state.words.shift();
    state.words[0] = "B";
    state.words.push("d");
    const array = internals.arrayInternals(internals.treeOf(state.words).refTarget as object);
    const moved = "ArraySchema has moved: an array may be rebuilt with other elements";
    assert.deepEqual(array.items, ["B", "c", "d"], moved);
    assert.deepEqual(array.tmpItems, ["a", "B", "c", "d"], moved);
    assert.deepEqual(array.deletedIndexes, [true], moved);
    const steps = [
      [0, OPERATION.DELETE],
      [1, OPERATION.REPLACE],
      [3, OPERATION.ADD],
    ];
    assert.deepEqual(operations(state.words), steps, moved);
    encoder.discardChanges();
    assert.deepEqual(array.tmpItems, ["B", "c", "d"], moved);
    assert.equal(array.deletedIndexes.length, 0, moved);
  });

  it("notes what turns a collection round or empties it in `collPureOps`", () => {
    const { state } = attached();
    state.words.push("a", "b");
    state.set.add("a");
    state.heap.add("a");
    state.map.set("a", new Part());
    for (const collection of [state.words, state.set, state.heap, state.map]) {
      internals.treeOf(collection).reset();
      collection.clear();
      const { length } = internals.treeOf(collection).collPureOps ?? [];
      assert.equal(length, 1, "ChangeTree#collPureOps has moved: what was removed comes back");
    }
    internals.treeOf(state.words).reset();
    state.words.push("a", "b");
    internals.treeOf(state.words).discard();
    state.words.reverse();
    assert.equal(internals.treeOf(state.words).collPureOps?.length, 1);
  });

  it("keeps a map's keys by their indices in its journal", () => {
    const { state, encoder } = attached();
    state.map.set("a", new Part());
    state.map.set("b", new Part());
    encoder.discardChanges();
    state.map.delete("a");
    state.map.set("b", new Part());
    state.map.set("c", new Part());
    const { $items, journal } = internals.mapInternals(state.map);
    const moved = "MapSchema has moved: maps are rebuilt with other keys, or in another order";
    assert.deepEqual([...$items.keys()], ["b", "c"], moved);
    assert.deepEqual([journal.keyByIndex.get(0), journal.keyByIndex.get(2)], ["a", "c"], moved);
    assert.deepEqual([journal.indexByKey["b"], journal.nextIndex], [1, 3], moved);
    const steps = [
      [0, OPERATION.DELETE],
      [1, OPERATION.DELETE_AND_ADD],
      [2, OPERATION.ADD],
    ];
    assert.deepEqual(operations(state.map), steps, moved);
    assert.deepEqual(internals.indexesOf(state.map), [1, 2], moved);
  });

  it("keeps what sets, collections and streams hold by numbers that are not used again", () => {
    const { state } = attached();
    const part = new Part();
    for (const each of [state.set, state.heap]) {
      each.add("a");
      each.delete("a");
      each.add("a");
    }
    state.stream.add(part);
    state.stream.remove(part);
    state.stream.add(part);
    const moved = "a collection has moved: pages that stay open keep what was removed";
    for (const each of [state.set, state.heap, state.stream]) {
      assert.deepEqual([...internals.numberedInternals(each).$items.keys()], [1], moved);
      assert.equal(internals.nextIndexOf(each), 2, moved);
    }
    assert.equal(internals.numberedInternals(state.stream)._itemIndex?.get(part), 1, moved);
  });

  it("says by flags what it does not track, and does not track it", () => {
    const { state, encoder } = attached();
    const part = new Part();
    state.still.set("a", "1");
    state.fixed = 3;
    assert.deepEqual(changed(encoder), [], "full-state fields are tracked now");
    const tree = internals.treeOf(state);
    const [fixed, loose] = ["fixed", "loose"].map(
      (name) => internals.fieldsOfClass(Whole).find((field) => field.name === name)!.index,
    );
    const moved = "flags of a ChangeTree have moved: what changes silently is lost";
    assert.equal(internals.treeOf(state.still).isFullStateOnly, true, moved);
    assert.equal(tree.isFieldFullStateOnly(fixed!) && tree.isFieldUnreliable(loose!), true, moved);
    const { hasAnyFullStateOnly, hasAnyUnreliable } = tree.encDescriptor;
    assert.deepEqual([hasAnyFullStateOnly, hasAnyUnreliable], [true, true], moved);
    state.stream.add(part);
    state.slow.set("a", new Part());
    for (const each of [state.stream, state.slow]) {
      assert.equal(internals.treeOf(each).isStreamCollection, true, moved);
      assert.equal(internals.treeOf(each).has(), false, "streams are tracked now");
    }
  });

  it("hands streams out from `broadcastPending`", () => {
    const { state, encoder } = attached();
    state.stream.add(new Part());
    state.slow.set("a", new Part());
    encoder.encode();
    encoder.discardChanges();
    assert.equal(encoder.hasChanges, false);
    internals.restartStreams(encoder.root);
    const moved = "streams have moved: after a restart nobody gets what they hold";
    assert.equal(encoder.hasChanges, true, moved);
  });

  it("settles what is inherited when it encodes, and what is new when it forgets", () => {
    const { state, encoder } = attached();
    const part = new Part();
    state.hidden.set("a", part);
    encoder.encode();
    encoder.discardChanges();
    state.map.set("a", part);
    assert.equal(encoder.root.pendingFilterRefresh.length, 1, "shared parts are no longer noted");
    encoder.encode();
    assert.equal(internals.treeOf(part).isFiltered, false, "Encoder#encode settles nothing");
    encoder.discardChanges();
    assert.equal(internals.treeOf(part).isNew, false);
  });

  it("has `initialize` in a static of the class, and runs it for that very class alone", () => {
    let runs = 0;
    const Asking = schema(
      {
        value: t.number().default(3),
        initialize(_one: number, _other: number) {
          runs += 1;
        },
      },
      "HookAsking",
    );
    assert.equal(internals.initializerArguments(Asking), 2, "initialize has moved");
    assert.equal(internals.initializerArguments(Part), 0);
    const standIn = function standIn(): void {};
    standIn.prototype = Asking.prototype;
    const made = Reflect.construct(Asking, [], standIn) as { value: number };
    assert.deepEqual([runs, made.value, made instanceof Asking], [0, 3, true]);
  });

  it("clears what was noted with `reset`, and takes a parent without telling anybody", () => {
    const part = new Part();
    const state = new Whole();
    internals.treeOf(part).addParent(state, 2);
    internals.treeOf(part).reset();
    internals.treeOf(state).reset();
    assert.equal(internals.treeOf(part).has() || internals.treeOf(state).has(), false);
    assert.equal(internals.treeOf(part).parent, state);
  });

  it("writes a quantized number in its bits, which stand for the same number here", () => {
    const Wide = schema(
      {
        angle: t.quantized({ min: -2, max: 2, bits: 8 }),
        spin: t.quantized({ min: 0, max: 7, bits: 32, mode: "wrap" }),
        part: t.quantized({ min: 0.1, max: 0.7 }),
      },
      "HookWide",
    );
    const state = new Wide();
    const { encoders } = getEncodeDescriptor(state);
    const wire = new WireBytes();
    const again = (index: number, type: string, value: number): unknown => {
      const out = new RecordWriter();
      wire.write(out, encoders[index]!, value);
      return fromSaved(type, new RecordReader(out.copy()).bytes());
    };
    for (const angle of [-2, -0.01, 0, 0.5, 2]) {
      state.angle = angle;
      assert.equal(again(0, "quantized(-2,2,8,clamp)", state.angle), state.angle);
    }
    for (let at = 0; at < 100; at++) {
      state.assign({ spin: random().next() * 20 - 10, part: random().next() });
      assert.equal(again(1, "quantized(0,7,32,wrap)", state.spin), state.spin);
      assert.equal(again(2, "quantized(0.1,0.7,16,clamp)", state.part), state.part);
    }
  });

  it("tells what it tracks from what it does not", () => {
    const Mirrored = Part as unknown as typeof Schema;
    assert.equal(internals.isTracked(new Part()), true);
    assert.equal(
      internals.isTracked(Mirrored.initializeForDecoder()),
      false,
      "a mirror looks tracked",
    );
    assert.equal(internals.isTracked({}) || internals.isTracked(null), false);
    const { state } = attached();
    assert.equal(internals.childTypeOf(state.words), "string");
    assert.equal(internals.childTypeOf(state.list), Part);
  });
});

import assert from "node:assert/strict";
import { schema, SetSchema, t } from "@colyseus/schema";
import { stateChecksum } from "../../../../shared/state/state-checksum.ts";
import { SentScope } from "../../../../shared/state/state-scope.ts";
import { SeededRandom, useSeededRandom } from "../../../support/seeded-random.ts";
import { checksums, fullWorld, item, mutate, World } from "./checked-world.ts";
import { StatePair } from "./state-pair.ts";

/** One thing that a client may come to hold by mistake, whatever the reason. */
const MISTAKES: Record<string, (world: World) => unknown> = {
  "a number that is off by the least the wire can tell": (world) => (world.exact += 2 ** -30),
  "a number in a nested schema": (world) => (world.spot!.x += 1),
  "a string": (world) => (world.title += "!"),
  "a string that is missing": (world) => (world.title = undefined),
  "a boolean": (world) => (world.isOpen = !world.isOpen),
  "a big integer": (world) => (world.big += 1n),
  "a quantized number": (world) => (world.speed += 3 / 127),
  "a schema that is missing": (world) => (world.spot = undefined),
  "a number in a map": (world) => entriesOf(world.scores).set("ada", 2),
  "a schema in a map": (world) => (world.items.get("bob")!.kind += 1),
  "an entry of a map that is missing": (world) => entriesOf(world.items).delete("bob"),
  "an entry of a map too many": (world) => entriesOf(world.scores).set("zoe", 1),
  "two entries of a map under each other's key": (world) => {
    const [ada, bob] = [world.items.get("ada")!, world.items.get("bob")!];
    entriesOf(world.items).set("ada", bob).set("bob", ada);
  },
  "a string in an array": (world) => (elementsOf(world.words)[0] = "other"),
  "an element of an array that is missing": (world) => elementsOf(world.row).pop(),
  "an element of an array too many": (world) => elementsOf(world.words).push("more"),
  "schemas of an array in another order": (world) => {
    const row = elementsOf(world.row);
    row.unshift(row.pop());
  },
  "a value of a set": (world) => membersOf(world.tags).set(99, "other"),
  "a schema of a set": (world) => ([...world.crew.values()][0]!.at.x += 1),
  "a value of a collection too many": (world) => membersOf(world.heap).set(99, 3),
  "a cell of a grid": (world) => (world.day.cells[7]! ^= 1),
  "a cell of another grid": (world) => (world.night!.cells[0]! ^= 1),
  "a grid that is missing": (world) => (world.night = undefined),
  "two grids under each other's name": (world) => {
    [world.day, world.night] = [world.night!, world.day];
  },
};

/** What a decoded map keeps its entries in, past all tracking. */
function entriesOf(map: object): Map<string, unknown> {
  return (map as { $items: Map<string, unknown> }).$items;
}

/** The same of a set or collection. */
function membersOf(collection: object): Map<number, unknown> {
  return (collection as { $items: Map<number, unknown> }).$items;
}

/** The same of an array. */
function elementsOf(array: object): unknown[] {
  return (array as { items: unknown[] }).items;
}

describe("the checksum of a state", () => {
  const random = useSeededRandom();

  it("is the same on both sides after every tick of random changes, whenever one joined", () => {
    const pair = new StatePair(new World());
    pair.join();
    for (let tick = 0; tick < 200; tick++) {
      mutate(pair.encoder.state, random());
      pair.tick();
      if (tick % 50 === 0) pair.join();
      for (const reader of pair.readers) {
        const [server, client] = checksums(pair, reader);
        assert.deepEqual(client, server, `after tick ${tick}`);
      }
    }
  });

  for (const [what, make] of Object.entries(MISTAKES)) {
    it(`tells ${what}`, () => {
      const pair = new StatePair(fullWorld(new SeededRandom(7)));
      const reader = pair.join();
      const [before, right] = checksums(pair, reader);
      assert.deepEqual(right, before);
      make(reader.state);
      const [server, wrong] = checksums(pair, reader);
      assert.equal(server.checksum, before.checksum, "the server's does not change");
      assert.notEqual(wrong.checksum, server.checksum);
    });
  }

  it("leaves out what depends on when a client joined, and what never travels", () => {
    const pair = new StatePair(new World());
    const early = pair.join();
    const { state } = pair.encoder;
    state.assign({ seed: 1, sparkle: 2, scratch: 3 });
    pair.tick();
    state.seed = 4;
    pair.tick();
    const late = pair.join();
    assert.notDeepEqual([early.state.seed, early.state.sparkle], [late.state.seed, 2]);
    const all = [early, late].flatMap((reader) => checksums(pair, reader));
    assert.equal(new Set(all.map(({ checksum }) => checksum)).size, 1);
  });

  it("takes a field that is null, undefined or was never set for the same", () => {
    const pair = new StatePair(new World());
    const { state } = pair.encoder;
    const sums = [undefined, null, "", undefined].map((title) => {
      state.title = title as string | undefined;
      return stateChecksum(state, new SentScope(state)).checksum;
    });
    assert.ok(sums[0] === sums[1] && sums[1] === sums[3]);
    assert.notEqual(sums[2], sums[0], "an empty string is a value");
  });

  it("counts every schema and collection once, however many ways lead to it", () => {
    const Leaf = schema({ value: t.number().default(1) }, "CountedLeaf");
    const Tree = schema(
      { one: t.ref(Leaf), other: t.ref(Leaf), list: t.array(Leaf), by: t.map(Leaf) },
      "CountedTree",
    );
    const tree = new Tree();
    const pair = new StatePair(tree);
    const reader = pair.join();
    tree.other = tree.one;
    tree.list.push(tree.one, new Leaf());
    tree.by.set("a", tree.one);
    pair.tick();
    const [server, client] = checksums(pair, reader);
    assert.equal(server.refs, 5, "the tree, its two collections, two leaves");
    assert.deepEqual(client, server);
  });

  it("follows an array whose elements move", () => {
    const pair = new StatePair(fullWorld(random()));
    const reader = pair.join();
    const { row } = pair.encoder.state;
    row.unshift(item(random()));
    pair.tick();
    row.reverse();
    pair.tick();
    row.splice(0, 1);
    pair.tick();
    const [server, client] = checksums(pair, reader);
    assert.deepEqual(client, server);
  });

  it("follows a collection that replaced another", () => {
    const pair = new StatePair(fullWorld(random()));
    const reader = pair.join();
    const [before] = checksums(pair, reader);
    pair.encoder.state.tags = new SetSchema<string>(["fresh"]);
    pair.tick();
    const [server, client] = checksums(pair, reader);
    assert.deepEqual(client, server);
    assert.notEqual(server.checksum, before.checksum);
  });
});

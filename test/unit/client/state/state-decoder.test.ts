import assert from "node:assert/strict";
import { Encoder, Reflection, schema, type SchemaType, t } from "@colyseus/schema";
import { StateDecoder } from "../../../../client/state/state-decoder.ts";
import { type SeededRandom, useSeededRandom } from "../../../support/seeded-random.ts";

const Item = schema({ name: t.string(), weight: t.number().optional() }, "ResyncItem");
const Bag = schema({ items: t.array(Item), tags: t.set("string") }, "ResyncBag");
const World = schema(
  {
    score: t.number(),
    title: t.string().optional(),
    hero: t.ref(Item).optional(),
    bag: t.ref(Bag),
    places: t.map(Item),
    numbers: t.array("number"),
  },
  "ResyncWorld",
);
type World = SchemaType<typeof World>;

function newItem(name: string, weight?: number): InstanceType<typeof Item> {
  return new Item().assign({ name, ...(weight === undefined ? {} : { weight }) });
}

/** A server's state and a client's decoder, and what travels between them. */
class Pair {
  readonly world = new World().assign({ score: 0 });
  readonly encoder = new Encoder(this.world);
  readonly decoder = new StateDecoder(Reflection.encode(this.encoder));

  /** A copy, as of a buffer that the encoder uses again. */
  full(): Uint8Array {
    this.encoder.discardChanges();
    return Uint8Array.from(this.encoder.encodeAll());
  }

  patch(): Uint8Array {
    const patch = Uint8Array.from(this.encoder.encode());
    this.encoder.discardChanges();
    return patch;
  }

  get client(): World {
    return this.decoder.state as World;
  }

  assertEqual(message?: string): void {
    assert.deepEqual(this.client.toJSON(), this.world.toJSON(), message);
  }
}

describe("StateDecoder", () => {
  const random = useSeededRandom();

  it("holds the state after the full state and after each patch", () => {
    const pair = new Pair();
    pair.world.score = 3;
    pair.decoder.applyFull(pair.full(), 0);
    pair.assertEqual();
    pair.world.places.set("a", newItem("A", 1));
    pair.decoder.applyPatch(pair.patch(), 0);
    pair.assertEqual();
  });

  it("reads from the offset on", () => {
    const pair = new Pair();
    const bytes = Uint8Array.of(14, 0, 0, ...pair.full());
    pair.decoder.applyFull(bytes, 3);
    pair.assertEqual();
  });

  it("takes a later full state as the whole truth, fields and entries alike", () => {
    const pair = new Pair();
    pair.world.assign({ score: 1, title: "old", hero: newItem("H", 5) });
    pair.world.places.set("a", newItem("A", 1));
    pair.world.places.set("b", newItem("B", 2));
    pair.world.bag.items.push(newItem("sword", 9), newItem("rope"));
    for (const tag of ["red", "blue"]) pair.world.bag.tags.add(tag);
    pair.world.numbers.push(1, 2, 3);
    pair.decoder.applyFull(pair.full(), 0);
    const { client } = pair;
    const keptItem = client.places.get("a");

    pair.world.title = undefined;
    pair.world.hero = undefined;
    pair.world.places.delete("b");
    pair.world.places.get("a")!.weight = undefined;
    pair.world.bag.items.shift();
    pair.world.bag.tags.delete("red");
    pair.world.numbers.clear();
    pair.decoder.applyFull(pair.full(), 0);

    assert.equal(pair.client, client);
    assert.equal(client.places.get("a"), keptItem);
    assert.equal(client.title, undefined);
    assert.equal(client.hero, undefined);
    pair.assertEqual();
    pair.world.places.get("a")!.weight = 7;
    pair.world.hero = newItem("new hero", 1);
    pair.decoder.applyPatch(pair.patch(), 0);
    pair.assertEqual();
  });

  it("equals the server after any changes, missed patches and full states", () => {
    const pair = new Pair();
    pair.decoder.applyFull(pair.full(), 0);
    for (let round = 0; round < 400; round += 1) {
      change(pair.world, random(), round);
      const patch = pair.patch();
      const luck = random().next();
      if (luck < 0.6) pair.decoder.applyPatch(patch, 0);
      else pair.decoder.applyFull(pair.full(), 0);
      if (luck >= 0.8) {
        change(pair.world, random(), round);
        pair.patch();
        change(pair.world, random(), round);
        pair.decoder.applyFull(pair.full(), 0);
      }
      pair.assertEqual(`after round ${round}`);
    }
  });

  it("refuses a patch that changes what it does not hold, and is spent", () => {
    const pair = new Pair();
    pair.decoder.applyFull(pair.full(), 0);
    assert.equal(pair.decoder.isDamaged, false);
    const patch = Uint8Array.of(255, 100, 128, 1);
    assert.throws(() => pair.decoder.applyPatch(patch, 0), { code: "state-malformed" });
    assert.equal(pair.decoder.isDamaged, true);
  });

  it("refuses a state that is cut off", () => {
    const pair = new Pair();
    pair.world.score = 1_000_000;
    const full = pair.full();
    let refused = 0;
    for (let length = 1; length < full.length; length += 1) {
      const decoder = new StateDecoder(Reflection.encode(pair.encoder));
      try {
        decoder.applyFull(full.subarray(0, length), 0);
      } catch (error) {
        assert.equal((error as { code: string }).code, "state-malformed");
        refused += 1;
      }
    }
    // A cut between two fields cannot be told from a smaller state; every other one can.
    assert.ok(refused > 0);
  });

  it("refuses a reflection that describes no state", () => {
    assert.throws(() => new StateDecoder(Uint8Array.of(255, 1, 2, 3)), { code: "state-malformed" });
    assert.throws(() => new StateDecoder(new Uint8Array(0)), { code: "state-malformed" });
  });
});

function change(world: World, random: SeededRandom, round: number): void {
  const key = `k${random.integer(0, 5)}`;
  const kinds: (() => void)[] = [
    () => (world.score = round),
    () => (world.title = random.next() < 0.5 ? undefined : `t${round}`),
    () => (world.hero = random.next() < 0.5 ? undefined : newItem(`h${round}`, round)),
    () => world.places.set(key, newItem(key, round)),
    () => world.places.delete(key),
    () => {
      const place = world.places.get(key);
      if (place !== undefined) place.weight = random.next() < 0.5 ? undefined : round;
    },
    () => world.bag.items.push(newItem(`i${round}`)),
    () => world.bag.items.length > 0 && world.bag.items.pop(),
    () => world.bag.tags.add(key),
    () => world.bag.tags.delete(key),
    () => world.numbers.push(round),
    () => world.numbers.length > 3 && world.numbers.shift(),
  ];
  random.pick(kinds)();
}

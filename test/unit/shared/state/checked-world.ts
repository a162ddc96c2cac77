import type { Schema, SchemaType } from "@colyseus/schema";
import { schema, t } from "@colyseus/schema";
import { grid } from "../../../../shared/state/grid-field.ts";
import { stateChecksum } from "../../../../shared/state/state-checksum.ts";
import type { StateChecksum } from "../../../../shared/state/state-checksum.ts";
import { ReceivedScope, SentScope } from "../../../../shared/state/state-scope.ts";
import { maybe, paint, shapedGrid } from "../../../support/random-state.ts";
import type { SeededRandom } from "../../../support/seeded-random.ts";
import type { Reader, StatePair } from "./state-pair.ts";

const Point = schema({ x: t.float32(), y: t.number() }, "CheckedPoint");

export const Item = schema(
  { kind: t.uint8().default(0), label: t.string().optional(), at: t.ref(Point) },
  "CheckedItem",
);
export type Item = SchemaType<typeof Item>;
const Sword = Item.extend({ edge: t.int16().default(0) }, "CheckedSword");

/** One field of each type there is, side by side, nested and in every collection. */
export const World = schema(
  {
    count: t.number().default(0),
    small: t.int8().default(0),
    wide: t.uint64().default(0),
    exact: t.float64().default(0),
    big: t.bigint64().default(0n),
    isOpen: t.boolean().default(false),
    title: t.string().optional(),
    angle: t.angle(),
    speed: t.quantized({ min: -3, max: 3, bits: 8 }),
    spot: t.ref(Point).optional(),
    items: t.map(Item),
    scores: t.map("number"),
    row: t.array(Item),
    words: t.array("string"),
    tags: t.set("string"),
    crew: t.set(Item),
    heap: t.collection("uint16"),
    day: grid({ width: 9, height: 5, colors: 4 }),
    night: grid({ width: 3, height: 11, colors: 256 }).optional(),
    scratch: t.number().noSync(),
    sparkle: t.number().patchOnly(),
    seed: t.number().fullStateOnly().default(7),
  },
  "CheckedWorld",
);
export type World = SchemaType<typeof World>;

const KEYS = ["ada", "bob", "cy", "dé", ""] as const;

type Mutation = (world: World, random: SeededRandom) => void;

const MUTATIONS: readonly Mutation[] = [
  (world, random) => (world.count = anyNumber(random)),
  (world, random) => (world.small = random.integer(-1_000, 1_000)),
  (world, random) => (world.wide = random.integer(0, 2 ** 50)),
  (world, random) => (world.exact = anyNumber(random)),
  (world, random) => (world.big = BigInt(random.integer(-(2 ** 50), 2 ** 50)) << 9n),
  (world, random) => (world.isOpen = random.next() < 0.5),
  (world, random) => (world.title = maybe(random, random.pick(["", "ä€😀", "x".repeat(300)]))),
  (world, random) => (world.angle = random.next() * 50 - 25),
  (world, random) => (world.speed = random.next() * 8 - 4),
  (world, random) => (world.spot = maybe(random, point(random))),
  (world, random) => world.spot?.assign({ x: anyNumber(random), y: anyNumber(random) }),
  (world, random) => world.items.set(key(random), item(random)),
  (world, random) => world.items.delete(key(random)),
  (world, random) => changeItem(world.items.get(key(random)), random),
  (world, random) => world.scores.set(key(random), anyNumber(random)),
  (world, random) => world.scores.delete(key(random)),
  (world, random) => world.row.push(item(random)),
  (world) => world.row.pop(),
  (world) => world.row.shift(),
  (world, random) => changeItem(world.row.at(random.integer(0, 4)), random),
  (world, random) => world.words.push(`word ${random.integer(0, 99)}`),
  (world, random) => (world.words[0] = `first ${random.integer(0, 99)}`),
  (world) => world.words.pop(),
  (world, random) => world.tags.add(key(random)),
  (world, random) => world.tags.delete(key(random)),
  (world, random) => world.crew.add(item(random)),
  (world) => world.crew.delete([...world.crew.values()][0]!),
  (world, random) => changeItem([...world.crew.values()][0], random),
  (world, random) => world.heap.add(random.integer(0, 5)),
  (world, random) => paint(world.day, random),
  (world, random) => paint(world.night, random),
  (world, random) => (world.day = shapedGrid(random)),
  (world, random) => (world.night = maybe(random, shapedGrid(random))),
  (world, random) => (world.scratch = random.next()),
  (world, random) => (world.sparkle = random.next()),
  (world, random) => (world.seed = random.next()),
];

/** Changes a few things at once, as between two ticks; the scores are cleared now and then. */
export function mutate(world: World, random: SeededRandom): void {
  const changes = random.integer(0, 12);
  for (let at = 0; at < changes; at++) random.pick(MUTATIONS)(world, random);
}

export function item(random: SeededRandom): Item {
  const at = point(random);
  const kind = random.integer(0, 300);
  if (random.next() < 0.3) return new Sword().assign({ kind, at, edge: random.integer(-9, 9) });
  return new Item().assign({ kind, at, label: `item ${kind}` });
}

/** A world in which there is something of everything, with every key of `items` taken. */
export function fullWorld(random: SeededRandom): World {
  const world = new World();
  for (const mutation of MUTATIONS) mutation(world, random);
  for (const each of KEYS) world.items.set(each, item(random));
  world.scores.set("ada", 1);
  world.title = "full";
  world.spot = point(random);
  world.row.push(item(random), item(random));
  world.words.push("one", "two");
  world.tags.add("tag");
  world.crew.add(item(random));
  world.heap.add(3);
  world.night = shapedGrid(random);
  return world;
}

/** What the server says about the state as this reader may see it, and what the reader says. */
export function checksums<State extends Schema>(
  pair: StatePair<State>,
  reader: Reader<State>,
): [server: StateChecksum, client: StateChecksum] {
  const { state } = pair.encoder;
  const sent = new SentScope(state, reader.view);
  const server = stateChecksum(state, sent);
  const received = new ReceivedScope(reader.decoder.context, sent.limits);
  return [server, stateChecksum(reader.decoder.state as Schema, received)];
}

function changeItem(target: Item | undefined, random: SeededRandom): void {
  if (target === undefined) return;
  target.kind = random.integer(0, 255);
  target.label = maybe(random, random.pick(["", "changed"]));
  if (random.next() < 0.3) target.at = point(random);
  else target.at.x = anyNumber(random);
}

function point(random: SeededRandom): SchemaType<typeof Point> {
  return new Point().assign({ x: random.next() * 100, y: anyNumber(random) });
}

function key(random: SeededRandom): string {
  return random.pick(KEYS);
}

/** Every size and precision that `number` writes differently. */
function anyNumber(random: SeededRandom): number {
  return random.pick([
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    3.00000001,
    random.next(),
    random.next() * 1e9,
    random.integer(-40, 300),
    random.integer(-(2 ** 40), 2 ** 40),
    -random.next() * 1e-9,
    Number.MAX_SAFE_INTEGER,
  ]);
}

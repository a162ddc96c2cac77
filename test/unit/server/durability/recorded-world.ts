import { ArraySchema, MapSchema, schema, type SchemaType, t } from "@colyseus/schema";
import { grid } from "../../../../shared/state/grid-field.ts";
import { maybe, paint, shapedGrid } from "../../../support/random-state.ts";
import type { SeededRandom } from "../../../support/seeded-random.ts";

const Spot = schema({ x: t.float32(), y: t.number() }, "RecordedSpot");

export const Unit = schema(
  {
    hp: t.uint8().default(100),
    secret: t.string().view().optional(),
    rank: t.int16().view(2).default(0),
    at: t.ref(Spot),
    bag: t.array("string").view(),
    skin: t.string().fullStateOnly().default("plain"),
    aim: t.angle(),
    spark: t.number().patchOnly(),
    drift: t.float32().unreliable(),
    scratch: t.number().noSync().default(7),
  },
  "RecordedUnit",
);
export type Unit = SchemaType<typeof Unit>;
const Knight = Unit.extend(
  { edge: t.int8().default(1), mount: t.ref(Unit).optional() },
  "RecordedKnight",
);

/** Something of every kind there is, in every way that it can be sent or kept back. */
export const World = schema(
  {
    title: t.string().optional(),
    exact: t.number().default(0),
    huge: t.bigint64().default(0n),
    isOpen: t.boolean().default(false),
    old: t.uint8().default(3).deprecated(false),
    speed: t.quantized({ min: -3, max: 3, bits: 8 }),
    units: t.map(Unit),
    hidden: t.map(Unit).view(),
    row: t.array(Unit),
    hand: t.array(Unit).view(),
    crew: t.set(Unit),
    crowd: t.collection(Unit),
    chosen: t.ref(Unit).optional(),
    words: t.array("string"),
    scores: t.map("number"),
    tags: t.set("string"),
    heap: t.collection("uint16"),
    flash: t.array("number").patchOnly(),
    rules: t.map("string").fullStateOnly(),
    board: grid({ width: 9, height: 5, colors: 4 }),
    other: grid({ width: 3, height: 3, colors: 16 }).view().optional(),
    swarm: t.stream(Unit),
  },
  "RecordedWorld",
);
export type World = SchemaType<typeof World>;

const KEYS = ["ada", "bob", "cy", "dé", "", "7", "3"] as const;

type Mutation = (world: World, random: SeededRandom) => void;

const VALUES: readonly Mutation[] = [
  (world, random) =>
    (world.title = maybe(random, random.pick(["", "ä€😀", "\ud800", "x".repeat(300)]))),
  (world, random) => (world.exact = anyNumber(random)),
  (world, random) => (world.huge = BigInt(random.integer(-(2 ** 50), 2 ** 50)) << 9n),
  (world, random) => (world.isOpen = random.next() < 0.5),
  (world, random) => (world.old = random.integer(0, 255)),
  (world, random) => (world.speed = random.next() * 8 - 4),
  (world, random) => changeUnit(anyUnit(world, random), random),
  (world, random) => changeUnit(anyUnit(world, random), random),
  (world, random) => changeUnit(anyUnit(world, random), random),
  (world, random) => paint(world.board, random),
  (world, random) => paint(world.other, random),
  (world, random) => (world.board = shapedGrid(random)),
  (world, random) => (world.other = maybe(random, shapedGrid(random))),
];

const MAPS: readonly Mutation[] = [
  (world, random) => world.units.set(key(random), unit(random)),
  (world, random) => world.units.set(key(random), unit(random)),
  (world, random) => world.units.delete(key(random)),
  (world, random) => setAgain(world.units, random),
  (world, random) => world.hidden.set(key(random), anyUnit(world, random) ?? unit(random)),
  (world, random) => world.hidden.delete(key(random)),
  (world) => world.hidden.clear(),
  (world, random) => (world.units = random.next() < 0.3 ? new MapSchema() : world.units),
  (world, random) => world.scores.set(key(random), anyNumber(random)),
  (world, random) => world.scores.delete(key(random)),
  (world, random) => setAgain(world.scores, random),
  (world, random) => random.next() < 0.2 && world.scores.clear(),
  (world, random) => world.rules.set(key(random), `rule ${random.integer(0, 9)}`),
  (world, random) => world.rules.delete(key(random)),
];

/** In place, as games do it. */
const LISTS: readonly Mutation[] = [
  (world, random) => rows(world, random).push(unit(random)),
  (world, random) => rows(world, random).push(unit(random), unit(random)),
  (world, random) => rows(world, random).push(anyUnit(world, random) ?? unit(random)),
  (world, random) => rows(world, random).pop(),
  (world, random) => rows(world, random).shift(),
  (world, random) => rows(world, random).unshift(unit(random)),
  (world, random) => splice(rows(world, random), () => unit(random), random),
  // oxlint-disable-next-line unicorn/no-array-sort -- in place is what is told
  (world, random) => rows(world, random).sort((one, other) => one.hp - other.hp),
  // oxlint-disable-next-line unicorn/no-array-reverse -- in place is what is told
  (world, random) => rows(world, random).reverse(),
  (world, random) => random.next() < 0.3 && rows(world, random).clear(),
  (world, random) => swap(rows(world, random), random),
  (world, random) => rows(world, random).move((row) => swap(row, random)),
  (world, random) => replace(rows(world, random), () => unit(random), random),
  (world) => (world.row = new ArraySchema(...world.row.filter(({ hp }) => hp > 50)) as never),
  (world, random) => world.words.push(`word ${random.integer(0, 9)}`),
  (world, random) => world.words.unshift(`first ${random.integer(0, 9)}`),
  (world) => world.words.pop(),
  (world) => world.words.shift(),
  (world, random) => splice(world.words, () => `put ${random.integer(0, 9)}`, random),
  // oxlint-disable-next-line unicorn/no-array-sort -- in place is what is told
  (world) => world.words.sort(),
  // oxlint-disable-next-line unicorn/no-array-reverse -- in place is what is told
  (world) => world.words.reverse(),
  (world, random) => replace(world.words, () => `set ${random.integer(0, 9)}`, random),
  (world, random) => random.next() < 0.2 && world.words.clear(),
  (world, random) => world.flash.push(anyNumber(random)),
  (world) => world.flash.shift(),
];

const BAGS: readonly Mutation[] = [
  (world, random) => world.tags.add(key(random)),
  (world, random) => world.tags.delete(key(random)),
  (world, random) => random.next() < 0.3 && world.tags.clear(),
  (world, random) => world.heap.add(random.integer(0, 5)),
  (world, random) => world.heap.delete(random.integer(0, 5)),
  (world, random) => world.crew.add(anyUnit(world, random) ?? unit(random)),
  (world, random) => world.crew.delete(anyOf(world.crew.values(), random)!),
  // Upstream leaves what was in it in the state, tracked but out of reach.
  (world, random) => random.next() < 0.5 && world.crew.clear(),
  (world, random) => world.crowd.add(unit(random)),
  (world, random) => world.crowd.delete(anyOf(world.crowd.values(), random)!),
  (world, random) => random.next() < 0.3 && world.crowd.clear(),
  (world, random) => (world.chosen = maybe(random, anyUnit(world, random))),
  (world, random) => world.swarm.add(unit(random)),
  (world, random) => world.swarm.remove(anyOf(world.swarm.values(), random)!),
];

const MUTATIONS = [...VALUES, ...MAPS, ...LISTS, ...BAGS];

/** Units that the game kept although they left the state, to be put back in some day. */
export class Kept {
  readonly units: Unit[] = [];
}

/** Changes a few things at once, as between two ticks. */
export function mutate(world: World, random: SeededRandom, kept?: Kept): void {
  const changes = random.integer(0, 8);
  for (let at = 0; at < changes; at++) {
    if (kept !== undefined && random.next() < 0.1) keepOrPutBack(world, random, kept);
    else random.pick(MUTATIONS)(world, random);
  }
}

export function unit(random: SeededRandom): Unit {
  const at = new Spot().assign({ x: random.next() * 100, y: anyNumber(random) });
  const made = random.next() < 0.3 ? new Knight() : new Unit();
  return made.assign({ hp: random.integer(0, 255), at });
}

function keepOrPutBack(world: World, random: SeededRandom, { units }: Kept): void {
  const found = anyUnit(world, random);
  if (random.next() < 0.5 && found !== undefined) units.push(found);
  const put = units.length > 0 ? random.pick(units) : unit(random);
  const place = random.integer(0, 2);
  if (place === 0) world.units.set(key(random), put);
  else if (place === 1) world.crew.add(put);
  else world.row.push(put);
  if (random.next() < 0.5) changeUnit(put, random);
}

function changeUnit(target: Unit | undefined, random: SeededRandom): void {
  if (target === undefined) return;
  const changes: (() => unknown)[] = [
    () => (target.hp = random.integer(0, 255)),
    () => (target.secret = maybe(random, `secret ${random.integer(0, 9)}`)),
    () => (target.rank = random.integer(-9, 9)),
    () => (target.at.x = anyNumber(random)),
    () => (target.at = new Spot().assign({ x: random.next(), y: 1 })),
    () => target.bag.push(`thing ${random.integer(0, 9)}`),
    () => target.bag.shift(),
    () => (target.skin = `skin ${random.integer(0, 9)}`),
    () => (target.aim = random.next() * 9),
    () => (target.spark = anyNumber(random)),
    () => (target.drift = random.next()),
    () => (target.scratch = random.integer(0, 9)),
    () => target instanceof Knight && (target.mount = maybe(random, unit(random))),
  ];
  random.pick(changes)();
}

function anyUnit(world: World, random: SeededRandom): Unit | undefined {
  const { units, hidden, row, hand, crew, crowd, swarm, chosen } = world;
  const places = [units, hidden, row, hand, crew, crowd, swarm];
  return anyOf([...random.pick(places).values(), ...(chosen ? [chosen] : [])], random);
}

function rows(world: World, random: SeededRandom): ArraySchema<Unit> {
  return random.next() < 0.5 ? world.row : world.hand;
}

function anyOf<Item>(items: Iterable<Item>, random: SeededRandom): Item | undefined {
  const all = [...items];
  return all.length === 0 ? undefined : random.pick(all);
}

/** Deletes two entries and sets them again, or not, so that they come last. */
function setAgain<Value>(map: MapSchema<Value>, random: SeededRandom): void {
  const [first, second] = [...map.keys()];
  for (const each of [first, second]) {
    if (each === undefined) continue;
    const value = map.get(each)!;
    map.delete(each);
    if (random.next() < 0.8) map.set(each, value);
  }
}

function splice<Item>(array: ArraySchema<Item>, make: () => Item, random: SeededRandom): void {
  const items = Array.from({ length: random.integer(0, 3) }, make);
  const start = random.integer(0, array.length);
  array.splice(start, random.integer(0, Math.min(2, array.length - start)), ...items);
}

function replace<Item>(array: ArraySchema<Item>, make: () => Item, random: SeededRandom): void {
  if (array.length > 0) array[random.integer(0, array.length - 1)] = make();
}

/** Two different ones: upstream takes an element that is set to itself out of the state. */
function swap<Item>(array: ArraySchema<Item>, random: SeededRandom): void {
  if (array.length < 2) return;
  const one = random.integer(0, array.length - 2);
  const other = random.integer(one + 1, array.length - 1);
  if (array[one] === array[other]) return;
  [array[one], array[other]] = [array[other]!, array[one]!];
}

function key(random: SeededRandom): string {
  return random.pick(KEYS);
}

function anyNumber(random: SeededRandom): number {
  return random.pick([
    0,
    -0,
    0.1,
    NaN,
    Infinity,
    -Infinity,
    random.next() * 1e9,
    random.integer(-70_000, 70_000),
    random.integer(-(2 ** 40), 2 ** 40),
    Number.MIN_VALUE,
    -Number.MAX_VALUE,
    Number.MAX_SAFE_INTEGER,
  ]);
}

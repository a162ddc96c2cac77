import type { Schema, SchemaType } from "@colyseus/schema";
import { schema, type StateView, t } from "@colyseus/schema";
import { grid } from "../../../../shared/state/grid-field.ts";
import type { SeededRandom } from "../../../support/seeded-random.ts";

export const OWNER = 2;

export const Card = schema({ face: t.uint8().default(0) }, "CheckedCard");
const Unit = schema(
  {
    hp: t.number().default(1),
    order: t.string().view().optional(),
    plan: t.string().view(OWNER).optional(),
    cards: t.array(Card),
    sight: grid({ width: 4, height: 4, colors: 4 }),
  },
  "CheckedUnit",
);
type Unit = SchemaType<typeof Unit>;
/** Public things, hidden things, and public things with hidden fields. */
export const Battle = schema(
  {
    round: t.number().default(0),
    open: t.map(Unit),
    units: t.map(Unit).view(),
    hand: t.array(Card).view(),
    crew: t.set(Card).view(),
    fog: grid({ width: 8, height: 8, colors: 4 }).view(),
    line: t.array(Card),
  },
  "CheckedBattle",
);
export type Battle = SchemaType<typeof Battle>;

type Step = (battle: Battle, random: SeededRandom, view: StateView) => unknown;

/**
 * What games do with views, without three things that @colyseus/schema 5 gets wrong: it leaves
 * a ghost where an entry that a view sees is replaced by one that it does not; `remove` with
 * a tag hides fields of other tags without saying so; and a tag outlives `remove` without one.
 */
export const STEPS: readonly Step[] = [
  (battle, random) => (battle.round = random.next()),
  (battle, random) => battle.units.set(`unit ${random.next()}`, unitOf(battle)),
  (battle, random) => battle.units.delete(anyOf([...battle.units.keys()], random) ?? ""),
  (battle, random) => changeUnit(anyOf([...battle.units.values()], random), random),
  (battle, random) => battle.open.set(`open ${random.next()}`, unitOf(battle)),
  (battle, random) => battle.open.delete(anyOf([...battle.open.keys()], random) ?? ""),
  (battle, random) => changeUnit(anyOf([...battle.open.values()], random), random),
  (battle, random) => battle.hand.push(cardOf(random)),
  (battle) => battle.hand.shift(),
  (battle, random) => battle.line.unshift(cardOf(random)),
  (battle) => battle.line.pop(),
  (battle, random) => battle.crew.add(cardOf(random)),
  (battle, random) => battle.crew.delete(anyOf([...battle.crew.values()], random)!),
  (battle, random) => battle.fog.set(random.integer(0, 7), 1, random.integer(0, 3)),
  (battle, random, view) => toggle(view, anyOf([...battle.units.values()], random)),
  (battle, random, view) => toggle(view, anyOf([...battle.hand], random)),
  (battle, random, view) => toggle(view, anyOf([...battle.crew.values()], random)),
  (battle, _random, view) => toggle(view, battle.fog),
];

/** Whatever of a battle a view may be given by itself. */
export function partsOf({ units, hand, crew, fog }: Battle): object[] {
  return [...units.values(), ...hand, ...crew.values(), fog];
}

function toggle(view: StateView, ref: object | undefined): void {
  if (ref === undefined) return;
  const seen = ref as Schema;
  if (view.has(seen)) view.remove(seen);
  else view.add(seen);
}

function changeUnit(unit: Unit | undefined, random: SeededRandom): void {
  if (unit === undefined) return;
  unit.assign({ hp: random.next(), order: `${random.next()}`, plan: `${random.next()}` });
  unit.sight.set(random.integer(0, 3), 2, random.integer(0, 3));
  if (unit.cards.length > 2) unit.cards.shift();
  else unit.cards.push(cardOf(random));
}

export function unitOf({ round }: Battle): Unit {
  return new Unit().assign({ order: `order of ${round}`, plan: `plan of ${round}` });
}

function cardOf(random: SeededRandom): SchemaType<typeof Card> {
  return new Card().assign({ face: random.integer(0, 255) });
}

function anyOf<Item>(items: readonly Item[], random: SeededRandom): Item | undefined {
  return items[random.integer(0, items.length - 1)];
}

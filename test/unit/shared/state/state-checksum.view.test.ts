import assert from "node:assert/strict";
import type { Schema, SchemaType } from "@colyseus/schema";
import { schema, StateView, t } from "@colyseus/schema";
import { ResyncedFields } from "../../../../client/state/resynced-fields.ts";
import { grid } from "../../../../shared/state/grid-field.ts";
import type { SeededRandom } from "../../../support/seeded-random.ts";
import { useSeededRandom } from "../../../support/seeded-random.ts";
import { checksums } from "./checked-world.ts";
import { type Reader, StatePair } from "./state-pair.ts";

const OWNER = 2;

const Card = schema({ face: t.uint8().default(0) }, "CheckedCard");
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
const Battle = schema(
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
type Battle = SchemaType<typeof Battle>;

type Step = (battle: Battle, random: SeededRandom, view: StateView) => unknown;

/**
 * What games do with views, without three things that @colyseus/schema 5 gets wrong: it leaves
 * a ghost where an entry that a view sees is replaced by one that it does not; `remove` with
 * a tag hides fields of other tags without saying so; and a tag outlives `remove` without one.
 */
const STEPS: readonly Step[] = [
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

function unitOf({ round }: Battle): Unit {
  return new Unit().assign({ order: `order of ${round}`, plan: `plan of ${round}` });
}

function cardOf(random: SeededRandom): SchemaType<typeof Card> {
  return new Card().assign({ face: random.integer(0, 255) });
}

function anyOf<Item>(items: readonly Item[], random: SeededRandom): Item | undefined {
  return items[random.integer(0, items.length - 1)];
}

function assertAgreed(pair: StatePair<Battle>, reader: Reader<Battle>, when?: string): void {
  const [server, client] = checksums(pair, reader);
  assert.deepEqual(client, server, when);
}

describe("the checksum of what a view sees", () => {
  const random = useSeededRandom();

  it("is the same on both sides while views and what they see change at random", () => {
    const pair = new StatePair(new Battle());
    const { state } = pair.encoder;
    const views = [new StateView(), new StateView()];
    pair.join();
    for (const view of views) pair.join(view);
    for (let tick = 0; tick < 200; tick++) {
      for (let steps = random().integer(0, 8); steps > 0; steps--) {
        random().pick(STEPS)(state, random(), random().pick(views));
      }
      pair.tick();
      for (const reader of pair.readers) assertAgreed(pair, reader, `after tick ${tick}`);
      if (tick % 50 !== 20) continue;
      const late = new StateView();
      late.add(state);
      views.push(late);
      pair.join(late);
      late.changes.clear();
    }
  });

  it("differs from client to client, and without a view is of the public part alone", () => {
    const pair = new StatePair(new Battle());
    const { state } = pair.encoder;
    state.units.set("a", unitOf(state));
    state.open.set("b", unitOf(state));
    const view = new StateView();
    view.add(state.units.get("a")!);
    const readers = [pair.join(), pair.join(new StateView()), pair.join(view)];
    const [plain, blind, seeing] = readers.map((reader) => {
      assertAgreed(pair, reader);
      return checksums(pair, reader)[0];
    });
    assert.equal(plain!.checksum, blind!.checksum);
    assert.equal(seeing!.refs, plain!.refs + 4, "a map, a unit, its cards, its sight");
  });

  it("follows a tag that a view gets for a schema", () => {
    const pair = new StatePair(new Battle());
    const { state } = pair.encoder;
    const unit = unitOf(state);
    state.open.set("a", unit);
    const view = new StateView();
    const reader = pair.join(view);
    const [before] = checksums(pair, reader);
    view.add(unit, OWNER);
    pair.tick();
    assert.equal(reader.state.open.get("a")?.plan, unit.plan);
    assertAgreed(pair, reader);
    assert.notEqual(checksums(pair, reader)[0].checksum, before.checksum);
  });

  it("leaves out what a view took back, whatever the client still holds of it", () => {
    const pair = new StatePair(new Battle());
    const { state } = pair.encoder;
    const view = new StateView();
    view.add(state.fog);
    const reader = pair.join(view);
    pair.tick();
    view.remove(state.fog);
    state.fog.fill(3);
    pair.tick();
    assert.equal(reader.state.fog.get(0, 0), 0, "it holds what the fog once was");
    assertAgreed(pair, reader);
  });

  it("is of ordered arrays in public, and of arrays behind a view in any order", () => {
    const pair = new StatePair(new Battle());
    const { state } = pair.encoder;
    for (let face = 0; face < 3; face++) {
      state.hand.push(new Card().assign({ face }));
      state.line.push(new Card().assign({ face }));
    }
    const view = new StateView();
    view.add(state);
    const reader = pair.join(view);
    (reader.state.hand as unknown as { items: unknown[] }).items.reverse();
    assertAgreed(pair, reader);
    (reader.state.line as unknown as { items: unknown[] }).items.reverse();
    const [server, client] = checksums(pair, reader);
    assert.notEqual(client.checksum, server.checksum);
  });

  it("tells a ghost that upstream leaves where an entry was replaced; a resync removes it", () => {
    const pair = new StatePair(new Battle());
    const { state } = pair.encoder;
    state.units.set("a", unitOf(state));
    const view = new StateView();
    view.add(state.units.get("a")!);
    const reader = pair.join(view);
    const fields = new ResyncedFields(reader.decoder as never);
    state.units.set("a", unitOf(state));
    pair.tick();
    const [server, client] = checksums(pair, reader);
    assert.notEqual(client.checksum, server.checksum);
    fields.decodeResync(pair.fullState(view), { offset: 0 });
    assertAgreed(pair, reader);
  });
});

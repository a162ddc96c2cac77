import assert from "node:assert/strict";
import { StateView } from "@colyseus/schema";
import { ResyncedFields } from "../../../../client/state/resynced-fields.ts";
import { useSeededRandom } from "../../../support/seeded-random.ts";
import { Battle, Card, OWNER, STEPS, unitOf } from "./checked-battle.ts";
import { checksums } from "./checked-world.ts";
import { type Reader, StatePair } from "./state-pair.ts";

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

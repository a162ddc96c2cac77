import assert from "node:assert/strict";
import type { SchemaType } from "@colyseus/schema";
import { schema, StateView, t } from "@colyseus/schema";
import { grid } from "../../../../shared/state/grid-field.ts";
import { GridCells } from "../../../../shared/state/grid-cells.ts";
import { Grid } from "../../../../shared/state/grid.ts";
import { StatePair } from "./state-pair.ts";

const Secrets = schema(
  {
    map: grid({ width: 40, height: 30, colors: 16 }),
    fog: grid({ width: 40, height: 30, colors: 16 }).view(),
    note: t.string().view().default("quiet"),
    ticks: t.uint32().default(0),
  },
  "Secrets",
);
type Secrets = SchemaType<typeof Secrets>;

function assertSame(actual: Grid | undefined, expected: Grid): void {
  assert.equal(actual?.checksum(), expected.checksum());
}

describe("Grid behind .view()", () => {
  it("reaches a view that has it at the join, and no other client", () => {
    const server = new Secrets();
    const pair = new StatePair(server);
    server.fog.set(39, 29, 15);
    const view = new StateView();
    view.add(server);
    const seeing = pair.join(view);
    const blind = pair.join(new StateView());
    const plain = pair.join();
    pair.tick();
    assertSame(seeing.state.fog, server.fog);
    assertSame(seeing.state.map, server.map);
    assert.equal(blind.state.fog, undefined);
    assert.equal(plain.state.fog, undefined);
    assertSame(plain.state.map, server.map);
  });

  it("is patched for those who see it, with the public fields behind it", () => {
    const server = new Secrets();
    const pair = new StatePair(server);
    const view = new StateView();
    view.add(server);
    const seeing = pair.join(view);
    const plain = pair.join();
    for (let round = 1; round < 20; round++) {
      server.fog.set(round, round, round % 16);
      server.map.set(round, 2, round % 16);
      server.note = `round ${round}`;
      server.ticks = round;
      pair.tick();
      assertSame(seeing.state.fog, server.fog);
      assertSame(plain.state.map, server.map);
      assert.deepEqual([seeing.state.note, seeing.state.ticks], [`round ${round}`, round]);
      assert.deepEqual([plain.state.fog, plain.state.ticks], [undefined, round]);
    }
  });

  it("reaches a view that adds it later, whole, in a tick that also changes it", () => {
    const server = new Secrets();
    const pair = new StatePair(server);
    const view = new StateView();
    const late = pair.join(view);
    server.fog.fill(3);
    pair.tick();
    assert.equal(late.state.fog, undefined);
    server.fog.set(1, 1, 9);
    server.ticks = 5;
    view.add(server.fog);
    pair.tick();
    assertSame(late.state.fog, server.fog);
    assert.equal(late.state.ticks, 5);
    server.fog.set(2, 1, 9);
    pair.tick();
    assertSame(late.state.fog, server.fog);
  });

  it("is no longer patched after the view removes it, and whole again when added back", () => {
    const server = new Secrets();
    const pair = new StatePair(server);
    const view = new StateView();
    view.add(server.fog);
    const reader = pair.join(view);
    pair.tick();
    view.remove(server.fog);
    pair.tick();
    server.fog.set(5, 5, 5);
    pair.tick();
    assert.equal(reader.state.fog.get(5, 5), 0);
    view.add(server.fog);
    pair.tick();
    assertSame(reader.state.fog, server.fog);
  });

  it("reaches a view whole when it is replaced", () => {
    const server = new Secrets();
    const pair = new StatePair(server);
    const view = new StateView();
    view.add(server);
    const reader = pair.join(view);
    server.fog = new Grid({ width: 3, height: 3, colors: 2 });
    server.fog.set(2, 2, 1);
    view.add(server.fog);
    pair.tick();
    assertSame(reader.state.fog, server.fog);
  });

  it("resyncs for a view", () => {
    const server = new Secrets();
    const pair = new StatePair(server);
    const view = new StateView();
    view.add(server);
    const reader = pair.join(view);
    const { fog } = reader.state;
    server.fog.fill(7);
    pair.encodeTick();
    reader.decoder.decodeResync(pair.fullState(view));
    assert.equal(reader.state.fog, fog);
    assertSame(fog, server.fog);
  });
});

describe("Grid seen by many views", () => {
  const encodePatch = Object.getOwnPropertyDescriptor(GridCells.prototype, "encodePatch")!;
  afterEach(() => {
    Object.defineProperty(GridCells.prototype, "encodePatch", encodePatch);
  });

  it("is encoded once a tick for 100 views; each gets a copy of the bytes", () => {
    const server = new Secrets();
    const pair = new StatePair(server);
    for (let at = 0; at < 100; at++) {
      const view = new StateView();
      view.add(server);
      pair.join(view);
    }
    const patches: (readonly Uint8Array[])[] = [];
    const encode = encodePatch.value as (this: GridCells) => readonly Uint8Array[];
    GridCells.prototype.encodePatch = function (this: GridCells) {
      const patch = encode.call(this);
      patches.push(patch);
      return patch;
    };
    server.fog.set(1, 2, 3);
    const frames = pair.tick();
    assert.ok(patches.length >= 100, `${patches.length} encodings asked for`);
    assert.equal(new Set(patches).size, 1);
    assert.equal(new Set(frames.map(({ buffer }) => buffer)).size, 100);
    for (const { state } of pair.readers) assertSame(state.fog, server.fog);
  });
});

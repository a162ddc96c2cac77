import assert from "node:assert/strict";
import { encodeAllCells } from "../../../../shared/state/all-cells.ts";
import { GridCells } from "../../../../shared/state/grid-cells.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

const SHAPE = { width: 200, height: 100, colors: 32 };

function shake(cells: GridCells, random: SeededRandom, count: number): void {
  for (let at = 0; at < count; at++) {
    cells.set(random.integer(0, 19_999), random.integer(0, 31));
  }
}

/** A joiner's cells. */
function joined(server: GridCells): Uint8Array {
  const client = new GridCells(undefined);
  client.decodeFullState(Buffer.concat(server.encodeFullState()));
  return client.cells;
}

function assertJoins(server: GridCells): void {
  assert.deepEqual(joined(server), Uint8Array.from(server.cells));
}

describe("GridCells", () => {
  it("encodes a tick's patch once, and again only after another change", () => {
    const cells = new GridCells(SHAPE);
    cells.set(3, 3);
    const patch = cells.encodePatch();
    assert.equal(cells.encodePatch(), patch);
    cells.set(3, 3);
    assert.equal(cells.encodePatch(), patch);
    cells.set(3, 4);
    assert.notEqual(cells.encodePatch(), patch);
  });

  it("encodes a full state once for all joiners until something changes", () => {
    const cells = new GridCells(SHAPE);
    cells.set(3, 3);
    const full = cells.encodeFullState();
    cells.endTick();
    assert.equal(cells.encodeFullState(), full);
    cells.set(4, 4);
    assert.notEqual(cells.encodeFullState(), full);
  });

  it("writes all cells once and then what changed since, until that is an eighth as long", () => {
    const random = new SeededRandom(6);
    const cells = new GridCells(SHAPE);
    shake(cells, random, 20_000);
    const bases = new Set<Uint8Array>();
    for (let tick = 0; tick < 100; tick++) {
      shake(cells, random, 20);
      const [, base] = cells.encodeFullState();
      bases.add(base!);
      assertJoins(cells);
      cells.endTick();
    }
    assert.ok(bases.size > 1 && bases.size <= 4, `${bases.size} full encodings for 100 joins`);
  });

  it("gives joiners a base made elsewhere and what changed since it was begun", () => {
    const random = new SeededRandom(5);
    const cells = new GridCells(SHAPE);
    shake(cells, random, 2_000);
    cells.endTick();
    const changed = cells.trackChanges();
    // The base is read while cells change: it holds the first of these changes, not the next.
    shake(cells, random, 10);
    const body = encodeAllCells(Uint8Array.from(cells.cells), SHAPE.colors);
    shake(cells, random, 10);
    cells.endTick();
    cells.setBase({ body, changed });
    assert.equal(cells.encodeFullState()[1], body);
    assertJoins(cells);
    for (let tick = 0; tick < 20; tick++) {
      shake(cells, random, 100);
      assert.equal(cells.encodeFullState()[1], body);
      assertJoins(cells);
      cells.endTick();
      assertJoins(cells);
    }
  });

  it("gives joiners the next base when it is there, while the last one still serves", () => {
    const random = new SeededRandom(4);
    const cells = new GridCells(SHAPE);
    for (let base = 0; base < 4; base++) {
      const changed = cells.trackChanges();
      shake(cells, random, 50);
      const body = encodeAllCells(Uint8Array.from(cells.cells), SHAPE.colors);
      shake(cells, random, 50);
      assertJoins(cells);
      cells.endTick();
      assertJoins(cells);
      cells.setBase({ body, changed });
      assertJoins(cells);
    }
  });

  it("tracks no more changes for a base that nobody makes", () => {
    const cells = new GridCells(SHAPE);
    const changed = cells.trackChanges();
    cells.set(1, 1);
    cells.endTick();
    cells.untrackChanges(changed);
    cells.set(2, 2);
    cells.endTick();
    assert.deepEqual([...changed.sorted()], [1]);
  });

  it("can be encoded again by a client that got it, whole each time", () => {
    const server = new GridCells(SHAPE);
    const relay = new GridCells(undefined);
    relay.decodeFullState(Buffer.concat(server.encodeFullState()));
    relay.set(7, 7);
    assertJoins(relay);
    server.decodePatch(Buffer.concat(relay.encodePatch()));
    assert.equal(server.cells[7], 7);
  });

  it("keeps its base for as long as it was given", () => {
    const cells = new GridCells(SHAPE);
    const changed = cells.trackChanges();
    const body = encodeAllCells(cells.cells, SHAPE.colors);
    cells.setBase({ body, changed });
    shake(cells, new SeededRandom(2), 20_000);
    assert.equal(cells.encodeFullState()[1], body);
    cells.setBase(undefined);
    assert.notEqual(cells.encodeFullState()[1], body);
    assertJoins(cells);
  });
});

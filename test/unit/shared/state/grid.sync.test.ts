import assert from "node:assert/strict";
import { $refId, dumpChanges } from "@colyseus/schema";
import { Grid } from "../../../../shared/state/grid.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { Atlas, Board, Layer } from "./grid-states.ts";
import { StatePair, typedReader, withoutWarnings } from "./state-pair.ts";

function assertSame(actual: Grid, expected: Grid): void {
  assert.equal(actual.checksum(), expected.checksum());
  assert.deepEqual(actual.cells, Uint8Array.from(expected.cells));
}

function shake(board: Grid, random: SeededRandom, count: number): void {
  for (let at = 0; at < count; at++) {
    const x = random.integer(0, board.width - 1);
    const y = random.integer(0, board.height - 1);
    board.set(x, y, random.integer(0, board.colors - 1));
  }
}

describe("Grid as a field", () => {
  it("reaches a client that knows only the handshake, with the fields around it", () => {
    const server = new Board();
    const pair = new StatePair(server);
    server.title = "mini place";
    server.canvas.set(29, 19, 31);
    server.ticks = 70_000;
    const { state } = pair.join();
    assert.ok(state.canvas instanceof Grid);
    assert.deepEqual(state.toJSON(), {
      title: "mini place",
      canvas: { width: 30, height: 20, colors: 32 },
      ticks: 70_000,
    });
    assertSame(state.canvas, server.canvas);
  });

  it("reaches a client that shares the state's class", () => {
    const pair = new StatePair(new Board());
    pair.encoder.state.canvas.set(1, 2, 3);
    const decoder = typedReader(new Board());
    decoder.decode(pair.fullState());
    assertSame(decoder.state.canvas, pair.encoder.state.canvas);
  });

  it("is each instance's own", () => {
    const [one, other] = [new Board(), new Board()];
    one.canvas.set(0, 0, 1);
    assert.equal(other.canvas.get(0, 0), 0);
  });

  it("equals the server's after each of 50 random ticks, with three joins on the way", () => {
    const random = new SeededRandom(50);
    const server = new Board();
    const pair = new StatePair(server);
    pair.join();
    for (let round = 1; round <= 50; round++) {
      shake(server.canvas, random, random.pick([0, 1, 2, 30, 700]));
      if (random.next() < 0.2) server.canvas.fill(random.integer(0, 31));
      server.ticks = round;
      if (round % 20 === 0) pair.join();
      pair.tick();
      for (const { state } of pair.readers) {
        assertSame(state.canvas, server.canvas);
        assert.equal(state.ticks, round);
      }
    }
  });

  it("takes ten bytes for a tick with one changed cell", () => {
    const pair = new StatePair(new Board());
    pair.join();
    pair.encoder.state.canvas.set(20, 10, 5);
    const [frame] = pair.tick();
    assert.ok(frame!.length <= 10, `${frame!.length} bytes`);
  });

  it("sends a filled board in a few bytes, not cell by cell", () => {
    const pair = new StatePair(new Board());
    const { state } = pair.join();
    pair.encoder.state.canvas.fill(9);
    const [frame] = pair.tick();
    assert.ok(frame!.length <= 10, `${frame!.length} bytes`);
    assertSame(state.canvas, pair.encoder.state.canvas);
  });

  it("sends nothing for a cell set to what it is", () => {
    const pair = new StatePair(new Board());
    pair.join();
    pair.encoder.state.canvas.set(3, 3, 0);
    pair.encoder.state.canvas.fillRect(0, 0, 9, 9, 0);
    assert.equal(pair.encoder.hasChanges, false);
  });

  it("sends a cell as it is at the end of the tick, once", () => {
    const pair = new StatePair(new Board());
    const { state } = pair.join();
    for (const value of [1, 2, 3]) pair.encoder.state.canvas.set(0, 0, value);
    pair.tick();
    assert.equal(state.canvas.get(0, 0), 3);
    assert.equal(pair.encoder.hasChanges, false);
  });
});

describe("Grid in a state of many", () => {
  it("is one of several, nested, in a map, each with its own shape", () => {
    const random = new SeededRandom(3);
    const server = new Atlas();
    const pair = new StatePair(server);
    const { state } = pair.join();
    server.layers.set("sky", new Layer());
    pair.tick();
    for (let round = 0; round < 10; round++) {
      shake(server.day, random, 5);
      shake(server.night, random, 50);
      shake(server.layer.cells, random, 5);
      shake(server.layers.get("sky")!.cells, random, 9);
      server.ticks += 1;
      pair.tick();
      assertSame(state.day, server.day);
      assertSame(state.night, server.night);
      assertSame(state.layer.cells, server.layer.cells);
      assertSame(state.layers.get("sky")!.cells, server.layers.get("sky")!.cells);
      assert.equal(state.ticks, server.ticks);
    }
  });

  it("can be replaced by one of another shape, and the old one is released", () => {
    const server = new Atlas();
    const pair = new StatePair(server);
    const { state, decoder } = pair.join();
    const refs = decoder.root.refs.size;
    const old = state.day;
    server.day = new Grid({ width: 50, height: 2, colors: 9 });
    server.day.set(49, 1, 8);
    pair.tick();
    assert.notEqual(state.day, old);
    assertSame(state.day, server.day);
    assert.equal(decoder.root.refs.size, refs);
    assert.ok(!decoder.root.refs.has((old as { [$refId]?: number })[$refId]!));
    server.day.set(0, 0, 7);
    pair.tick();
    assertSame(state.day, server.day);
  });

  it("can be removed and put back", () => {
    const server = new Atlas();
    const pair = new StatePair(server);
    const { state } = pair.join();
    const board: Grid = server.spare;
    (server as { spare: Grid | undefined }).spare = undefined;
    pair.tick();
    assert.equal(state.spare, undefined);
    board.set(1, 1, 3);
    server.spare = board;
    pair.tick();
    assertSame(state.spare, board);
  });

  it("is whole for everybody when it comes back after leaving with a patch on its way", () => {
    const server = new Atlas();
    const pair = new StatePair(server);
    const { state } = pair.join();
    const board = server.spare;
    board.set(0, 0, 1);
    (server as { spare: Grid | undefined }).spare = undefined;
    pair.tick();
    server.spare = board;
    board.set(3, 3, 2);
    pair.tick();
    assertSame(state.spare, board);
  });

  it("moves from one field to another within a tick", () => {
    const server = new Atlas();
    const pair = new StatePair(server);
    const { state } = pair.join();
    const board = server.spare;
    board.set(2, 2, 2);
    server.day = board;
    (server as { spare: Grid | undefined }).spare = undefined;
    pair.tick();
    assertSame(state.day, board);
    assert.equal(state.spare, undefined);
  });
});

describe("Grid and the rest of the schema", () => {
  it("does not disturb toJSON, dumpChanges or clone of the state", () => {
    const server = new Board();
    const pair = new StatePair(server);
    server.canvas.set(1, 1, 1);
    assert.equal(dumpChanges(server).refs.length, 1);
    const copy = server.clone();
    copy.canvas.set(0, 0, 2);
    assert.deepEqual([copy.canvas.get(1, 1), server.canvas.get(0, 0)], [1, 0]);
    assert.equal(pair.tick().length, 0);
  });

  it("encodes the same bytes however often a tick is encoded", () => {
    const pair = new StatePair(new Board());
    pair.encoder.state.canvas.set(4, 5, 6);
    const first = pair.encoder.encode({ offset: 0 }).slice();
    assert.deepEqual(pair.fullState(), pair.fullState());
    assert.deepEqual(pair.encoder.encode({ offset: 0 }), first);
    pair.encoder.state.canvas.set(5, 5, 6);
    assert.notDeepEqual(pair.encoder.encode({ offset: 0 }), first);
  });

  it("survives a buffer that is too small: the encoder grows it and comes again", () => {
    const pair = new StatePair(new Board());
    const { state } = pair.join();
    const random = new SeededRandom(8);
    shake(pair.encoder.state.canvas, random, 600);
    withoutWarnings(() => {
      pair.encoder.sharedBuffer = new Uint8Array(16);
      pair.tick();
      assertSame(state.canvas, pair.encoder.state.canvas);
      pair.encoder.sharedBuffer = new Uint8Array(16);
      assertSame(pair.join().state.canvas, pair.encoder.state.canvas);
    });
  });

  it("enqueues itself for each effective change, so that a room can count them", () => {
    const pair = new StatePair(new Board());
    const { canvas } = pair.encoder.state;
    const { root } = pair.encoder;
    const enqueue = root.enqueueChangeTree.bind(root);
    let calls = 0;
    root.enqueueChangeTree = (...args) => {
      calls += 1;
      enqueue(...args);
    };
    canvas.set(0, 0, 1);
    canvas.set(0, 0, 1);
    canvas.set(0, 0, 2);
    canvas.fillRect(0, 0, 3, 3, 2);
    canvas.fillRect(0, 0, 3, 3, 2);
    assert.equal(calls, 3);
  });
});

import assert from "node:assert/strict";
import { syncBuiltinESMExports } from "node:module";
import { mock } from "node:test";
import { isDeepStrictEqual } from "node:util";
import zlib from "node:zlib";
import { schema, StateView, t, type Schema, type SchemaType } from "@colyseus/schema";
import { Protocol } from "@colyseus/shared-types";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import type { LentParts } from "../../server/rooms/lent-parts.ts";
import type { BaseWriter } from "../../server/state/base-writer.ts";
import { compressCells } from "../../server/state/compress-cells.ts";
import { inlineBaseWriter } from "../../server/state/inline-base-writer.ts";
import type { RoomClient } from "../../server/transport/websocket-client.ts";
import { HELLO_TYPE } from "../../shared/protocol/hello.ts";
import { DirtyCells } from "../../shared/state/dirty-cells.ts";
import { Grid } from "../../shared/state/grid.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { CountingBaseWriter, FailingBaseWriter, HeldBaseWriter } from "../support/base-writers.ts";
import type { FrameClient } from "../support/frame-client.ts";
import { localRoom } from "../support/local-room.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const EDGE = 2_000;
const Canvas = schema(
  { canvas: grid({ width: EDGE, height: EDGE, colors: 32 }), painted: t.uint32().default(0) },
  "LargeBoardCanvas",
);
type Canvas = SchemaType<typeof Canvas>;

const Secret = schema(
  { canvas: grid({ width: EDGE, height: EDGE, colors: 32 }).view() },
  "LargeBoardSecret",
);
type Secret = SchemaType<typeof Secret>;

/** The smallest boards that get a base from somebody else. */
const LARGE = { width: 257, height: 256, colors: 32 };
const PLAIN = { width: 300, height: 301, colors: 2 };
const Layer = schema({ cells: grid(LARGE) }, "LargeBoardLayer");
const Atlas = schema(
  {
    land: grid(LARGE),
    weather: grid({ ...LARGE, colors: 5 }).optional(),
    layer: t.ref(Layer).optional(),
    layers: t.map(Layer),
    plans: grid(LARGE).view(),
    year: t.number().default(0),
  },
  "LargeBoardAtlas",
);
type Atlas = SchemaType<typeof Atlas>;

/** A room whose bases come from the test's own writer. */
abstract class BoardRoom<State extends Schema> extends SyncRoom<{ state: State }> {
  override ticksPerSecond = 60;
  writer: BaseWriter = inlineBaseWriter;

  override useLentParts(lent: LentParts): void {
    super.useLentParts({ ...lent, baseWriter: this.writer });
  }
}

class CanvasRoom extends BoardRoom<Canvas> {
  override state = new Canvas();
  override messages = {
    count: () => (this.state.painted += 1),
  };

  override onJoin(client: RoomClient): void {
    client.send("welcome");
  }
}

class SecretRoom extends BoardRoom<Secret> {
  override state = new Secret();

  override onJoin(client: RoomClient): void {
    client.view = new StateView();
    client.view.add(this.state.canvas);
  }
}

class AtlasRoom extends BoardRoom<Atlas> {
  override state = new Atlas();

  override onJoin(client: RoomClient): void {
    client.view = new StateView();
    client.view.add(this.state.plans);
  }
}

/** Cells all over the board, other ones for each `random`. */
function paint(board: Grid, count: number, random: SeededRandom): void {
  for (let at = 0; at < count; at++) {
    const x = random.integer(0, board.width - 1);
    board.set(x, random.integer(0, board.height - 1), random.integer(0, board.colors - 1));
  }
}

type Boards = TestServer<Record<string, new () => SyncRoom>>;

function open(roomClass: new () => SyncRoom): Promise<Boards> {
  return startTestServer({ rooms: { board: roomClass } });
}

/** Clients that look at no state. */
function joinMany(server: Boards, count: number): Promise<Joined[]> {
  const joins = Array.from({ length: count }, () => server.joinFrames("board", {}, WATCHING));
  return Promise.all(joins);
}

type Joined = Awaited<ReturnType<Boards["joinFrames"]>>;
const PATCH: number = Protocol.ROOM_STATE_PATCH;
const WATCHING = { decodes: false };

function fullStateOf({ frames }: FrameClient): Buffer {
  const first = frames.find(({ code }) => code === Protocol.ROOM_STATE);
  return Buffer.from(first!.bytes);
}

/** What arrived, in order. */
function kinds({ frames }: FrameClient): string[] {
  const names = new Map<number, string>([
    [Protocol.JOIN_ROOM, "join"],
    [Protocol.ROOM_STATE, "state"],
    [PATCH, "patch"],
    [Protocol.ROOM_RESPONSE, "reply"],
    [Protocol.PING, "pong"],
  ]);
  return frames.map(({ code, type }) =>
    type === HELLO_TYPE ? "hello" : String(type ?? names.get(code)),
  );
}

/** All boards of the state that are there, by where they are. */
function boardsOf({ land, weather, layer, layers, plans }: Atlas): Map<string, Grid> {
  const boards = new Map<string, Grid>([
    ["land", land],
    ["plans", plans],
  ]);
  if (weather !== undefined) boards.set("weather", weather);
  if (layer !== undefined) boards.set("layer", layer.cells);
  layers.forEach(({ cells }, key) => boards.set(`layers.${key}`, cells));
  return boards;
}

function checksums(state: Atlas): Record<string, number> {
  const all = [...boardsOf(state)].map(([where, board]) => [where, board.checksum()]);
  return Object.fromEntries(all) as Record<string, number>;
}

function checksumOf(client: FrameClient): number {
  return (client.state as Canvas).canvas.checksum();
}

function countOf(client: FrameClient, code: number): number {
  return client.codes.filter((each) => each === code).length;
}

/** Ticks a room with 100 clients a few times. */
async function assertEncodedOnce(roomClass: typeof CanvasRoom | typeof SecretRoom): Promise<void> {
  const random = new SeededRandom(4);
  await using server = await open(roomClass);
  const clients = await joinMany(server, 100);
  const room = localRoom<CanvasRoom | SecretRoom>(roomClass, clients[0]!.seat);
  // Changed cells are put in order for each patch that is made, however many clients get it.
  const encode = mock.method(DirtyCells.prototype, "sorted");
  for (let tick = 1; tick <= 3; tick++) {
    paint(room.state.canvas, 50, random);
    room.broadcastPatch();
    assert.equal(encode.mock.callCount(), tick);
    await waitUntil(() => clients.every((each) => countOf(each, PATCH) === tick));
  }
}

/** Counts calls of what compresses on this very thread. */
function countCompressions(): { count(): number; restore(): void } {
  const compress = mock.method(zlib, "deflateRawSync");
  syncBuiltinESMExports();
  compressCells(new Uint8Array(9), 2);
  assert.equal(compress.mock.callCount(), 1, "what is counted is what compressCells calls");
  compress.mock.resetCalls();
  return {
    count: () => compress.mock.callCount(),
    restore() {
      compress.mock.restore();
      syncBuiltinESMExports();
    },
  };
}

describe("a board of 2000×2000 cells", () => {
  const random = new SeededRandom(3);

  afterEach(() => mock.restoreAll());

  it("is encoded once a tick for 100 clients, and written down once", async () => {
    await using writer = new CountingBaseWriter();
    class Counted extends CanvasRoom {
      override writer = writer;
    }
    await assertEncodedOnce(Counted);
    assert.equal(writer.bodies.length, 1);
  });

  it("is encoded once a tick for 100 StateViews, and written down once", async () => {
    await using writer = new CountingBaseWriter();
    class Counted extends SecretRoom {
      override writer = writer;
    }
    await assertEncodedOnce(Counted);
    assert.equal(writer.bodies.length, 1);
  });

  it("is written down off the main thread, at most twice for 100 joins while it changes", async () => {
    await using writer = new CountingBaseWriter();
    class Counted extends CanvasRoom {
      override writer = writer;
      override onCreate(): void {
        this.state.canvas.fillRect(100, 100, 900, 700, 3);
        paint(this.state.canvas, 10_000, random);
      }
    }
    const compressions = countCompressions();
    try {
      await using server = await open(Counted);
      const joined: Joined[] = [];
      for (let wave = 0; wave < 10; wave++) {
        joined.push(...(await joinMany(server, 10)));
        paint(localRoom(CanvasRoom, joined[0]!.seat).state.canvas, 500, random);
      }
      assert.ok(writer.bodies.length <= 2, `${writer.bodies.length} bases`);
      const bodies = writer.bodies.map((body) => Buffer.from(body));
      for (const client of joined) {
        assert.ok(bodies.some((body) => fullStateOf(client).includes(body)));
      }
      assert.equal(compressions.count(), 0);
    } finally {
      compressions.restore();
    }
  });
});

describe("a joiner of a large board", () => {
  it("gets what was sent to it only behind its state, however long that is being written", async () => {
    const writer = new HeldBaseWriter();
    class Held extends CanvasRoom {
      override writer = writer;
    }
    await using server = await open(Held);
    const early = await server.joinFrames("board");
    const room = localRoom(CanvasRoom, early.seat);
    room.state.canvas.fillRect(0, 0, 500, 500, 9);
    room.broadcastPatch();

    writer.hold();
    const late = server.takeSeat(await server.reserveSeat("board"));
    await waitUntil(() => writer.waiting === 1);
    const reply = late.request("count");
    await waitUntil(() => room.state.painted === 1);
    room.broadcast("news", "everybody");
    room.broadcastPatch();
    await waitUntil(() => early.messages("news").length === 1);
    // What the server sends at once has come: what it had sent before would be here as well.
    late.send(Uint8Array.of(Protocol.PING));
    await waitUntil(() => late.codes.includes(Protocol.PING));
    assert.deepEqual(kinds(late), ["hello", "join", "pong"]);

    writer.release();
    assert.deepEqual(await reply, { status: 0, payload: 1 });
    assert.deepEqual(kinds(late), ["hello", "join", "pong", "state", "welcome", "news", "reply"]);
    assert.equal(checksumOf(late), room.state.canvas.checksum());
  });

  it("gets in when the base worker fails each time, while the board goes on changing", async () => {
    const writer = new FailingBaseWriter();
    const random = new SeededRandom(5);
    class Failing extends CanvasRoom {
      override writer = writer;
      override onTick(): void {
        paint(this.state.canvas, 20, random);
      }
    }
    await using server = await open(Failing);
    for (let joins = 0; joins < 3; joins++) await server.joinFrames("board");
    assert.equal(writer.tries, 1);
  });

  it("holds the server's board in the end, whenever it came while cells changed", async () => {
    const random = new SeededRandom(6);
    await using writer = new CountingBaseWriter();
    let cellsPerTick = 2_000;
    class Busy extends CanvasRoom {
      override writer = writer;
      override onTick(): void {
        paint(this.state.canvas, cellsPerTick, random);
      }
    }
    await using server = await open(Busy);
    const clients: Joined[] = [];
    for (let wave = 0; wave < 4; wave++) {
      const joins = Array.from({ length: 3 }, () => server.joinFrames("board"));
      clients.push(...(await Promise.all(joins)));
    }
    cellsPerTick = 0;
    const { canvas } = localRoom(CanvasRoom, clients[0]!.seat).state;
    for (const client of clients) {
      await waitUntil(() => checksumOf(client) === canvas.checksum());
    }
  });
});

describe("large boards of one state", () => {
  it("come to joiners as they are: several, nested, replaced, removed, back, and in views", async () => {
    await using writer = new CountingBaseWriter();
    class Counted extends AtlasRoom {
      override writer = writer;
    }
    await using server = await open(Counted);
    const early = await server.joinFrames("board");
    const room = localRoom(AtlasRoom, early.seat);
    const random = new SeededRandom(7);
    const { state } = room;
    const removed = new Grid({ ...LARGE, colors: 5 });
    const steps: Record<string, () => void> = {
      "boards that were there from the start": () => paint(state.land, 9_000, random),
      "a board in a view": () => paint(state.plans, 9_000, random),
      "another board": () => (state.weather = removed),
      "a nested board": () => (state.layer = new Layer()),
      "boards in a map": () => {
        for (const key of ["one", "two"]) state.layers.set(key, new Layer());
        paint(state.layers.get("one")!.cells, 5_000, random);
      },
      "a board of another shape in its place": () => (state.land = new Grid(PLAIN)),
      "no board": () => (state.weather = undefined),
      "one less in the map": () => void state.layers.delete("one"),
      "the board that was removed": () => {
        paint(removed, 5_000, random);
        state.weather = removed;
      },
      "many changed cells": () => {
        for (const board of boardsOf(state).values()) paint(board, 70_000, random);
      },
    };
    for (const [what, change] of Object.entries(steps)) {
      change();
      room.broadcastPatch();
      const late = await server.joinFrames("board");
      const expected = checksums(state);
      assert.deepEqual(checksums(late.state as Atlas), expected, `a joiner has ${what}`);
      await waitUntil(() => isDeepStrictEqual(checksums(early.state as Atlas), expected), { what });
      late.drop();
    }
    assert.ok(writer.bodies.length > Object.keys(steps).length);
  });
});

import assert from "node:assert/strict";
import { schema, type SchemaType, StateView, t } from "@colyseus/schema";
import { Protocol, ResponseStatus } from "@colyseus/shared-types";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import type { RoomClient } from "../../server/transport/websocket-client.ts";
import { Emitter } from "../../shared/emitter.ts";
import { MAX_STATE_CHECKS } from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import {
  CHECKSUM_TYPE,
  type ChecksumReply,
  RESYNC_TYPE,
} from "../../shared/protocol/state-check.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { Grid } from "../../shared/state/grid.ts";
import { memoryStore } from "../support/memory-store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Unit = schema({ x: t.number(), plan: t.string().view().optional() }, "CheckUnit");
const Field = schema(
  {
    // Large enough to be compressed on another thread, for which a first joiner waits.
    board: grid({ width: 300, height: 300, colors: 16 }),
    units: t.map(Unit),
    hidden: t.map(Unit).view(),
    line: t.array(Unit).view(),
    trail: t.array("number"),
    sum: t.number().default(0),
    live: t.number().patchOnly(),
  },
  "CheckField",
);
type Field = SchemaType<typeof Field>;

class FieldRoom extends SyncRoom<{ state: Field }> {
  override state = new Field();
  override ticksPerSecond = 100;
  override messages = {
    add: (_client: unknown, by: number) => (this.state.sum += by),
  };
  override onTick?: () => void;

  override onJoin(client: RoomClient): void {
    const unit = new Unit().assign({ x: 1, plan: `plan of ${client.sessionId}` });
    this.state.units.set(client.sessionId, unit);
    client.view = new StateView();
    client.view.add(unit);
    if (this.state.line.length === 0) this.state.line.push(new Unit().assign({ x: 7 }));
    client.view.add(this.state.line);
  }

  /** Changes a little of everything. */
  stir(): void {
    const { board, units, hidden, trail } = this.state;
    const now = (this.state.sum += 1);
    board.set(now % 300, (now * 7) % 300, now % 16);
    trail.push(now / 3);
    if (trail.length > 5) trail.shift();
    units.set(`unit ${now % 4}`, new Unit().assign({ x: now, plan: `plan ${now}` }));
    hidden.set(`hidden ${now}`, new Unit().assign({ x: now }));
    this.state.live = now;
  }
}

class DurableFieldRoom extends FieldRoom {
  override persistence = { key: "field" };
}

class SilentRoom extends SyncRoom {}

const rooms = { field: FieldRoom, durable: DurableFieldRoom, silent: SilentRoom };

/** How often a board's cells were looked at for a checksum while `run` ran. */
async function countWalks(run: () => Promise<unknown>): Promise<number> {
  const stock = Object.getOwnPropertyDescriptor(Grid.prototype, "contentChecksum");
  let walks = 0;
  Grid.prototype.contentChecksum = function (this: Grid) {
    walks += 1;
    return this.checksum();
  };
  try {
    await run();
  } finally {
    if (stock === undefined) delete (Grid.prototype as Partial<Grid>).contentChecksum;
    else Object.defineProperty(Grid.prototype, "contentChecksum", stock);
  }
  return walks;
}

describe("JoinedRoom.verifyState against our server", () => {
  it("is true in a room that changes with every tick, at each of many ticks", async () => {
    await using server = await startTestServer({ rooms });
    const realtime = server.connect();
    const room = await realtime.join("field");
    const serverRoom = localRoom(FieldRoom, room);
    serverRoom.onTick = () => serverRoom.stir();
    for (let round = 0; round < MAX_STATE_CHECKS; round++) {
      assert.equal(await room.verifyState(), true, `round ${round}`);
    }
    assert.equal(room.traffic.resyncs, 0);
    assert.ok(serverRoom.state.sum >= MAX_STATE_CHECKS, "it changed all the while");
  });

  it("is true at the join, in a quiet room, and after a rejoin", async () => {
    await using server = await startTestServer({ rooms });
    const wakes = new Emitter<[]>();
    const realtime = server.connect({ wakeSignals: { onWake: (wake) => wakes.on(wake) } });
    const room = await realtime.join("field");
    assert.equal(await room.verifyState(), true);
    const serverRoom = localRoom(FieldRoom, room);
    const dropped = new Promise<void>((resolve) => room.onDrop(resolve));
    const rejoined = new Promise<void>((resolve) => room.onRejoin(resolve));
    for (const client of serverRoom.clients) client.leave(CloseCode.MAY_TRY_RECONNECT);
    await dropped;
    serverRoom.stir();
    wakes.emit();
    await rejoined;
    assert.equal(await room.verifyState(), true);
  });

  it("follows what the client's view is given and what is taken from it", async () => {
    await using server = await startTestServer({ rooms });
    const realtime = server.connect();
    const room = await realtime.join("field");
    const serverRoom = localRoom(FieldRoom, room);
    const { units, hidden } = serverRoom.state;
    const { view } = serverRoom.clients[0]!;
    for (let round = 0; round < 4; round++) serverRoom.stir();
    const unit = hidden.get("hidden 2")!;
    const steps = [
      () => view!.add(unit),
      () => (unit.x = 50),
      () => view!.add(units.get("unit 1")!),
      () => (units.get("unit 1")!.plan = "another"),
      () => view!.remove(unit),
      () => hidden.delete("hidden 2"),
      () => view!.remove(units.get("unit 1")!),
    ];
    for (const [at, step] of steps.entries()) {
      step();
      assert.equal(await room.verifyState(), true, `step ${at}`);
    }
    assert.deepEqual([...room.state.hidden.keys()], []);
    assert.equal(room.state.units.get("unit 1")?.plan, undefined);
  });

  it("is true of an array behind a view that grew right behind the join, unseen", async () => {
    await using server = await startTestServer({ rooms });
    const realtime = server.connect();
    const room = await realtime.join("field");
    const { state, clients } = localRoom(FieldRoom, room);
    state.line.push(...[1, 2].map((x) => new Unit().assign({ x })));
    clients[0]!.view!.add(state.line.at(1));
    assert.equal(await room.verifyState(), true);
    const seen = room.state.line.map(({ x }) => x);
    assert.deepEqual(seen, [7, 1]);
  });

  it("heals whatever went wrong at the client, in place, and counts it", async () => {
    await using server = await startTestServer({ rooms });
    const realtime = server.connect();
    const room = await realtime.join("field");
    const serverRoom = localRoom(FieldRoom, room);
    serverRoom.stir();
    assert.equal(await room.verifyState(), true);
    const { state } = room;
    const mistakes = [
      () => (state.board.cells[77]! ^= 3),
      () => (state.sum = -1),
      () => (state.units.get("unit 1")!.x = -1),
      () => (state.units as unknown as { $items: Map<string, unknown> }).$items.delete("unit 1"),
    ];
    for (const [at, make] of mistakes.entries()) {
      make();
      assert.equal(await room.verifyState(), false, `mistake ${at}`);
      assert.equal(room.traffic.resyncs, at + 1);
    }
    assert.equal(room.state, state);
    assert.equal(state.board.checksum(), serverRoom.state.board.checksum());
    assert.deepEqual([state.sum, state.units.get("unit 1")?.x], [1, 1]);
    assert.equal(await room.verifyState(), true);
  });

  it("removes the ghost that a view leaves where an entry is replaced", async () => {
    await using server = await startTestServer({ rooms });
    const realtime = server.connect();
    const room = await realtime.join("field");
    const { state, clients } = localRoom(FieldRoom, room);
    state.hidden.set("spy", new Unit().assign({ x: 1 }));
    clients[0]!.view!.add(state.hidden.get("spy")!);
    assert.equal(await room.verifyState(), true);
    state.hidden.set("spy", new Unit().assign({ x: 2 }));
    assert.equal(await room.verifyState(), false);
    assert.equal(room.state.hidden.get("spy"), undefined);
    assert.equal(await room.verifyState(), true);
  });

  it("is of the tick whose commit the answer waits for, in a durable room", async () => {
    const store = memoryStore();
    await using server = await startTestServer({ rooms, store });
    const realtime = server.connect();
    const room = await realtime.join("durable");
    const serverRoom = localRoom(DurableFieldRoom, room);
    const commits: (() => void)[] = [];
    store.rooms.intercept(async ({ what }) => {
      if (what === "tick") await new Promise<void>((commit) => commits.push(commit));
    });
    const verified = room.verifyState();
    const added = room.request("add", 5);
    await waitUntil(() => commits.length > 0);
    serverRoom.stir();
    serverRoom.broadcastPatch();
    assert.equal(room.state.sum, 0);
    const letGo = (): void => commits.splice(0).forEach((commit) => commit());
    await waitUntil(() => (letGo(), room.state.sum === 6));
    assert.deepEqual(await Promise.all([verified, added]), [true, 5]);
  });

  it("heals by itself where the client was told to look", async () => {
    await using server = await startTestServer({ rooms });
    const clock = new FakeClock();
    const realtime = server.connect({ clock, verifyStateEveryMs: 3_000 });
    const room = await realtime.join("field");
    // What follows the join waits for a turn of the client's clock.
    await clock.advance(0);
    room.state.board.cells[5]! ^= 1;
    await clock.advance(3_300);
    await waitUntil(() => room.traffic.resyncs === 1);
    assert.equal(room.state.board.cells[5], 0);
  });

  it("has nothing to compare in a room without a state", async () => {
    await using server = await startTestServer({ rooms });
    const realtime = server.connect();
    const room = await realtime.join("silent");
    assert.equal(await room.verifyState(), true);
  });
});

describe("a room that is asked for checksums", () => {
  it("answers right behind the patch of the tick that it names", async () => {
    await using server = await startTestServer({ rooms });
    const client = await server.joinFrames("field");
    client.frames.length = 0;
    const added = client.request("add", 1);
    const { payload } = await client.request(CHECKSUM_TYPE);
    await added;
    const { ROOM_STATE_PATCH: patch, ROOM_RESPONSE: reply } = Protocol;
    assert.deepEqual(client.codes, [patch, reply, reply]);
    const { tick, checksum, refs } = payload as ChecksumReply;
    assert.ok(tick > 0 && Number.isInteger(checksum) && refs > 0);
  });

  it("answers a resync behind one full state, which comes in place of a patch", async () => {
    await using server = await startTestServer({ rooms });
    const client = await server.joinFrames("field");
    client.frames.length = 0;
    // In one breath: no tick comes between what changes the state and what asks for it.
    const added = client.request("add", 1);
    assert.equal((await client.request(RESYNC_TYPE)).status, ResponseStatus.OK);
    await added;
    const { ROOM_STATE: state, ROOM_RESPONSE: reply } = Protocol;
    assert.deepEqual(client.codes, [state, reply, reply]);
  });

  it("looks at its state only then, and once for all who see the same", async () => {
    await using server = await startTestServer({ rooms });
    const clients: Awaited<ReturnType<typeof server.joinFrames>>[] = [];
    for (let at = 0; at < 5; at++) clients.push(await server.joinFrames("field"));
    const room = localRoom(FieldRoom, clients[0]!.seat);
    for (const client of room.clients) delete client.view;
    const unasked = await countWalks(() => {
      room.stir();
      return clients[0]!.request("add", 1);
    });
    assert.equal(unasked, 0);
    // Long ticks, so that one of them hears all five.
    room.ticksPerSecond = 4;
    const asked = await countWalks(() =>
      Promise.all(clients.map((client) => client.request(CHECKSUM_TYPE))),
    );
    assert.equal(asked, 1);
  });

  it("refuses a storm, to the user who makes it alone", async () => {
    await using server = await startTestServer({ rooms });
    const [stormy, calm] = [await server.joinFrames("field"), await server.joinFrames("field")];
    for (const type of [CHECKSUM_TYPE, RESYNC_TYPE]) {
      const replies = await Promise.all(
        Array.from({ length: MAX_STATE_CHECKS + 30 }, () => stormy.request(type)),
      );
      const refused = replies.filter(({ status }) => status === ResponseStatus.REJECTED);
      assert.equal(refused.length, 30, type);
      for (const { payload } of refused) {
        const { code, retryAfterMs } = payload as WireError;
        assert.ok(code === "rate-limited" && retryAfterMs! > 0);
      }
      assert.equal((await calm.request(type)).status, ResponseStatus.OK);
    }
    assert.equal(stormy.closed, undefined);
  });

  it("refuses where there is no state, and answers nobody who waits for no answer", async () => {
    await using server = await startTestServer({ rooms });
    const silent = await server.reserveSeat("silent");
    const client = server.takeSeat(silent);
    await waitUntil(() => client.codes.includes(Protocol.JOIN_ROOM));
    for (const type of [CHECKSUM_TYPE, RESYNC_TYPE]) {
      const { status, payload } = await client.request(type);
      assert.equal(status, ResponseStatus.REJECTED);
      assert.equal((payload as WireError).code, "unknown-message");
    }
    const field = await server.joinFrames("field");
    field.sendMessage(CHECKSUM_TYPE);
    field.frames.length = 0;
    await field.request("add", 1);
    assert.deepEqual(field.codes, [Protocol.ROOM_STATE_PATCH, Protocol.ROOM_RESPONSE]);
  });
});

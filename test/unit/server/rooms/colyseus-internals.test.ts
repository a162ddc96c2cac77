import assert from "node:assert/strict";
import { generateId, matchMaker, Room, type Client } from "@colyseus/core";
import { Encoder, schema, StateView, t, type SchemaType } from "@colyseus/schema";
import { Protocol } from "@colyseus/shared-types";
import { Client as StockClient } from "colyseus.js";
import {
  aroundInit,
  countReservedSeats,
  encoderInternals,
  filterInboundFrames,
  hasFilteredViews,
  isCreating,
  isInState,
  refsInState,
  replacePatchTimer,
  roomInternals,
  sessionOfToken,
  watchEnd,
  watchLeaves,
  watchMutations,
  watchTimers,
} from "../../../../server/rooms/colyseus-internals.ts";
import { SyncRoom } from "../../../../server/rooms/sync-room.ts";
import { CloseCode } from "../../../../shared/protocol/close-codes.ts";
import { grid } from "../../../../shared/state/grid-field.ts";
import { localRoom } from "../../../support/local-room.ts";
import { RecordedClient } from "../../../support/recorded-client.ts";
import { startTestServer } from "../../../support/start-test-server.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const Part = schema({ size: t.number().default(0) }, "InternalsPart");
const Whole = schema(
  {
    count: t.number().default(0),
    label: t.string().default(""),
    part: Part,
    list: t.array("string"),
    parts: t.array(Part),
    map: t.map("string"),
    set: t.set("string"),
    board: grid({ width: 8, height: 8, colors: 4 }),
    stream: t.stream(Part),
    drift: t.number().unreliable(),
  },
  "InternalsWhole",
);
type Whole = SchemaType<typeof Whole>;

const Hidden = schema({ lines: t.array("string").view() }, "InternalsHidden");

/** A room as the matchmaker leaves it before `onCreate`. */
function initialised<R extends Room>(room: R): R {
  roomInternals(room).__init();
  return room;
}

/** Ends what a room that no matchmaker knows has started. */
function discard(room: Room): void {
  room.autoDispose = false;
  room.patchRate = null as unknown as number;
  room.setTimestep(() => {}, 1e6);
  clearInterval(roomInternals(room)._simulationInterval as NodeJS.Timeout);
}

describe("Colyseus's Room", () => {
  it("is initialised by `__init`, between its constructor and `onCreate`", async () => {
    const steps: string[] = [];
    class Stepping extends Room {
      override state = (steps.push("fields"), new Whole());
      constructor() {
        super();
        steps.push("constructor");
      }
      override onCreate(): void {
        steps.push("onCreate");
      }
    }
    aroundInit(
      Stepping,
      () => steps.push("before"),
      () => steps.push("after"),
    );
    await using server = await startTestServer({ rooms: { stepping: Stepping } });
    await server.reserveSeat("stepping");
    assert.deepEqual(
      steps,
      ["fields", "constructor", "before", "after", "onCreate"],
      "the matchmaker no longer calls Room#__init before onCreate: SyncRoom is never assembled",
    );
  });

  it("is creating until its `onCreate` has ended", async () => {
    const during: boolean[] = [];
    class Creating extends Room {
      override async onCreate(): Promise<void> {
        during.push(isCreating(this));
        await Promise.resolve();
        during.push(isCreating(this));
      }
    }
    await using server = await startTestServer({ rooms: { creating: Creating } });
    const room = localRoom(Creating, await server.reserveSeat("creating"));
    assert.deepEqual(
      [...during, isCreating(room)],
      [true, true, false],
      "Room#_internalState has moved: a lingering room may be closed while it is created",
    );
  });

  it("has neither inputs nor a timestep before a game asks for them", () => {
    class Stepping extends Room {
      takeInputs(): void {
        this.defineInput(Part);
      }
    }
    const room = initialised(new Stepping());
    const { _inputController, _simulationInterval } = roomInternals(room);
    assert.deepEqual(
      [_inputController, _simulationInterval],
      [undefined, undefined],
      "a plain Room has inputs or a timestep now: idle rooms would tick",
    );
    room.takeInputs();
    room.setTimestep(() => {}, 1e6);
    const message = "has moved: a SyncRoom would sleep though it has work";
    assert.ok(roomInternals(room)._inputController, `Room#_inputController ${message}`);
    assert.ok(roomInternals(room)._simulationInterval, `Room#_simulationInterval ${message}`);
    discard(room);
  });

  it("reads `_onMessage` from the instance when a client joins, for each inbound frame", async () => {
    const seen: number[] = [];
    class Filtering extends Room {
      override onCreate(): void {
        filterInboundFrames(this, (_client, frame, next) => {
          seen.push(frame[0]!);
          if (frame[0] !== Protocol.PING) next();
        });
      }
    }
    await using server = await startTestServer({ rooms: { filtering: Filtering } });
    const client = server.takeSeat(await server.reserveSeat("filtering"));
    await waitUntil(() => client.codes.includes(Protocol.JOIN_ROOM));
    client.send(Uint8Array.of(Protocol.PING));
    client.send(Uint8Array.of(Protocol.LEAVE_ROOM));
    await client.waitForClose();
    assert.deepEqual(
      seen,
      [Protocol.JOIN_ROOM, Protocol.PING, Protocol.LEAVE_ROOM],
      "Room#_onMessage is no longer what frames arrive at: nothing is limited any more",
    );
    assert.equal(client.codes.includes(Protocol.PING), false, "a frame got past the filter");
  });

  it("tells that a room is gone behind its onDispose, not before", async () => {
    const disposed = Promise.withResolvers<void>();
    let isGone = false;
    class Ending extends Room {
      override onCreate(): void {
        watchEnd(this, () => (isGone = true));
      }
      override onDispose(): Promise<void> {
        return disposed.promise;
      }
    }
    await using server = await startTestServer({ rooms: { ending: Ending } });
    const joined = await server.joinStock("ending");
    const ending = localRoom(Ending, joined).disconnect();
    await waitUntil(() => matchMaker.getLocalRoomById(joined.roomId) === undefined);
    assert.equal(isGone, false, "a room ends before its onDispose has resolved");
    disposed.resolve();
    await ending;
    await waitUntil(() => isGone, { what: "Room#_events has moved: rooms stay in the list" });
  });

  it("tells `_events` of a leave when the session has ended, not when it has dropped", async () => {
    const gone: string[] = [];
    class Leaving extends Room {
      override onCreate(): void {
        watchLeaves(this, (client) => gone.push(client.sessionId));
      }
      override onDrop(client: Client): void {
        void this.allowReconnection(client, 10);
      }
    }
    await using server = await startTestServer({ rooms: { leaving: Leaving } });
    const moved = "Room#_events has moved: views and seats of those who left are kept, or lost";
    const dropped = await server.joinStock("leaving");
    const left = await server.joinStock("leaving");
    const room = localRoom(Leaving, left);
    const { reconnectionToken } = dropped;
    await left.leave();
    await waitUntil(() => gone.length > 0, { what: moved });
    dropped.connection.close();
    await waitUntil(() => room.clients.length === 0);
    assert.deepEqual(gone, [left.sessionId], moved);
    assert.equal(countReservedSeats(room), 1, "the seat of a dropped client is not reserved");
    const again = await new StockClient(server.wsUrl).reconnect(reconnectionToken);
    await again.leave();
    await waitUntil(() => gone.length > 1, { what: moved });
    assert.deepEqual(gone, [left.sessionId, dropped.sessionId], moved);
  });

  it("reserves seats in `_reservedSeats`, from the matchmaking until the join", async () => {
    class Seats extends Room {}
    await using server = await startTestServer({ rooms: { seats: Seats } });
    const moved = "Room#_reservedSeats has moved: a room may be closed under somebody's feet";
    const seat = await server.reserveSeat("seats");
    const room = localRoom(Seats, seat);
    assert.equal(countReservedSeats(room), 1, moved);
    const client = server.takeSeat(seat);
    await waitUntil(() => client.codes.includes(Protocol.JOIN_ROOM));
    assert.equal(countReservedSeats(room), 0, moved);
  });

  for (const code of [CloseCode.CONSENTED, CloseCode.SERVER_SHUTDOWN]) {
    it(`is gone at once when it disconnects with ${code}, though a seat is reserved`, async () => {
      let isDisposed = false;
      class Hurried extends SyncRoom {
        override onDispose(): void {
          isDisposed = true;
        }
      }
      await using server = await startTestServer({ rooms: { hurried: Hurried } });
      const room = localRoom(Hurried, await server.reserveSeat("hurried"));
      const client = await server.joinStock("hurried");
      const leaving = new Promise((resolve) => client.onLeave(resolve));
      void room.disconnect(code);
      await waitUntil(() => isDisposed, {
        what: "Room#_reservedSeats or its timeouts have moved: a shutdown waits for seats",
        timeoutMs: 800,
      });
      assert.equal(await leaving, code);
    });
  }

  it("has its timers in the three methods of its clock that we watch", async () => {
    const room = initialised(new Room());
    let schedules = 0;
    watchTimers(room, () => void (schedules += 1));
    const calls: string[] = [];
    room.clock.setTimeout((text: string) => calls.push(text), 0, "timeout");
    const interval = room.clock.setInterval((text: string) => calls.push(text), 0, "interval");
    const waiting = room.clock.duration(0).then(() => calls.push("duration"));
    assert.equal(schedules, 3);
    assert.equal(room.clock.delayed.length, 3, "Clock#delayed no longer holds what is scheduled");
    room.clock.tick();
    interval.clear();
    await waiting;
    assert.deepEqual(calls.toSorted(), ["duration", "interval", "timeout"]);
    const others = Object.getOwnPropertyNames(Object.getPrototypeOf(room.clock)).toSorted();
    assert.deepEqual(
      others,
      ["clear", "constructor", "duration", "setInterval", "setTimeout", "tick"],
      "the clock has another method: if it schedules, a sleeping room misses it",
    );
    discard(room);
  });

  it("makes `patchRate` an accessor that starts the timer, which we can take over", () => {
    const room = initialised(new Room());
    let ticks = 0;
    room.broadcastPatch = () => {
      ticks += 1;
      return false;
    };
    const writes: (number | null)[] = [];
    const before = process.getActiveResourcesInfo().length;
    const timer = replacePatchTimer(
      room,
      () => 40,
      (milliseconds) => void writes.push(milliseconds),
    );
    assert.equal(room.patchRate, 40, "Room#patchRate is not ours");
    room.patchRate = 10;
    room.setPatchRate(20);
    assert.deepEqual(writes, [10, 20], "Room#setPatchRate no longer goes through the accessor");
    const rates: unknown[] = [];
    timer.runWithStockRate(() => rates.push(room.patchRate));
    assert.throws(() =>
      timer.runWithStockRate(() => {
        throw new Error("in the tick");
      }),
    );
    assert.deepEqual(rates, [40]);
    assert.equal(process.getActiveResourcesInfo().length, before, "stock timers have piled up");
    assert.equal(ticks, 0);
    discard(room);
  });

  it("says so when `patchRate` is no accessor any more", () => {
    const one = (): number => 1;
    assert.throws(() => replacePatchTimer(new Room(), one, one), {
      message: "Room#patchRate is no longer an accessor after __init",
    });
  });

  it("keeps a client's view in `client.view`", () => {
    const room = new Room();
    const client = new RecordedClient();
    room.clients.push(client);
    assert.equal(hasFilteredViews(room), false);
    client.view = new StateView();
    assert.equal(hasFilteredViews(room), true);
  });
});

describe("schema's Encoder", () => {
  const CHANGES: [what: string, change: (state: Whole) => void][] = [
    ["a field that is set", (state) => (state.count = 1)],
    ["a field that is set to undefined", (state) => (state.label = undefined as never)],
    ["a field of a part", (state) => (state.part.size = 1)],
    ["a part that is replaced", (state) => (state.part = new Part())],
    ["an array's push", (state) => state.list.push("c")],
    ["an array's pop", (state) => state.list.pop()],
    ["an array's shift", (state) => state.list.shift()],
    ["an array's unshift", (state) => state.list.unshift("z")],
    ["an array's splice", (state) => state.list.splice(0, 1)],
    ["an array's element", (state) => (state.list[0] = "z")],
    // oxlint-disable-next-line unicorn/no-array-reverse -- in place is what is told
    ["an array's reverse", (state) => state.list.reverse()],
    ["an array's clear", (state) => state.list.clear()],
    ["an array's pushed part", (state) => state.parts.push(new Part())],
    ["a field of a part in an array", (state) => (state.parts[0]!.size = 1)],
    ["a map's set", (state) => state.map.set("c", "3")],
    ["a map's replaced value", (state) => state.map.set("a", "2")],
    ["a map's delete", (state) => state.map.delete("a")],
    ["a map's clear", (state) => state.map.clear()],
    ["a set's add", (state) => state.set.add("c")],
    ["a set's delete", (state) => state.set.delete("a")],
    ["what a stream gets again", (state) => state.stream.add(state.part)],
    ["a stream's remove", (state) => state.stream.remove([...state.stream][0]!)],
    ["a stream's clear", (state) => state.stream.clear()],
    ["an unreliable field", (state) => (state.drift = 5)],
    ["a grid's cell", (state) => state.board.set(1, 1, 1)],
    ["a grid's fill", (state) => state.board.fill(2)],
  ];

  /** A state whose mutations are counted, with nothing left to encode. */
  function watched(): { state: Whole; count: () => number } {
    const state = new Whole();
    state.part = new Part();
    state.list.push("a", "b");
    state.parts.push(new Part());
    state.map.set("a", "1");
    state.set.add("a");
    state.stream.add(new Part());
    const encoder = new Encoder(state);
    encoder.encode();
    encoder.discardChanges();
    let mutations = 0;
    watchMutations(encoder, () => void (mutations += 1));
    return { state, count: () => mutations };
  }

  for (const [what, change] of CHANGES) {
    it(`tells its root of ${what}, each time`, () => {
      const { state, count } = watched();
      const message = "no method of Root is told: cooldowns and idle rooms miss it";
      state.count = 99;
      const before = count();
      change(state);
      assert.ok(count() > before, message);
    });
  }

  it("tells its root of a second change of the same field in the same tick", () => {
    const { state, count } = watched();
    state.count = 1;
    state.board.set(1, 1, 1);
    const before = count();
    state.count = 2;
    state.board.set(1, 1, 2);
    assert.ok(count() >= before + 2, "only first changes are told: cooldowns miss the others");
  });

  it("does not tell its root of what is set to what it was", () => {
    const { state, count } = watched();
    state.count = 5;
    const before = count();
    state.count = 5;
    state.map.set("a", "1");
    state.set.add("a");
    state.set.delete("nobody");
    state.map.delete("nobody");
    state.board.set(1, 1, 0);
    state.board.fill(0);
    assert.equal(count(), before, "a no-op is told as a change: it would burn a cooldown");
  });

  it("knows what is part of the state, and what has left it", () => {
    const state = new Whole();
    const part = new Part();
    state.parts.push(part);
    const encoder = new Encoder(state);
    const moved = "Root#changeTrees has moved: boards that left are looked after for ever";
    assert.equal(isInState(encoder, part), true, moved);
    assert.equal(isInState(encoder, new Part()), false, moved);
    assert.ok(
      refsInState(encoder).some((ref) => ref === state.parts),
      moved,
    );
    encoder.encode();
    encoder.discardChanges();
    state.parts.pop();
    encoder.encode();
    encoder.discardChanges();
    assert.equal(isInState(encoder, part), false, moved);
  });

  it("grows through `_resizeBuffer` and `ensureCapacity` of its own", () => {
    const state = new Whole();
    const encoder = new Encoder(state);
    const internals = encoderInternals(encoder);
    const calls = new Set<string>();
    const resize = internals._resizeBuffer.bind(encoder);
    const ensure = internals.ensureCapacity.bind(encoder);
    encoder.sharedBuffer = new Uint8Array(8);
    internals._resizeBuffer = (buffer, usedBytes) => {
      calls.add(`resize ${usedBytes > buffer.byteLength}`);
      const grown = new Uint8Array(usedBytes * 2);
      if (buffer === encoder.sharedBuffer) encoder.sharedBuffer = grown;
      return grown;
    };
    internals.ensureCapacity = (buffer, offset) => {
      calls.add("ensure");
      return buffer.byteLength > offset + 1_000 ? buffer : new Uint8Array(offset + 2_000);
    };
    state.label = "x".repeat(100);
    encoder.encode();
    const view = new StateView();
    const hidden = new Hidden();
    const filtered = new Encoder(hidden);
    Object.assign(filtered, { ensureCapacity: internals.ensureCapacity });
    hidden.lines.push("a");
    view.add(hidden.lines);
    filtered.encodeView(view, 0, { offset: 0 });
    assert.equal(typeof resize, "function");
    assert.equal(typeof ensure, "function");
    assert.deepEqual(
      [...calls],
      ["resize true", "ensure"],
      "Encoder grows in another way: small buffers would be cut off, or complained about",
    );
  });

  it("keeps what streams hand out to everybody in two sets and a backlog", () => {
    const Streamed = schema({ stream: t.stream(Part) }, "InternalsStreamed");
    const state = new Streamed();
    const encoder = new Encoder(state);
    state.stream.add(new Part());
    const [stream] = [...encoder.root.streamTrees].map(({ _stream }) => _stream);
    const sets = [stream?.broadcastPending, stream?.sentBroadcast, stream?.broadcastDeletes];
    const moved = "streams keep their backlog elsewhere: a buffer that grows loses items";
    assert.deepEqual(
      sets.map((set) => set?.size),
      [1, 0, 0],
      moved,
    );
    encoder.encode();
    assert.deepEqual(
      sets.map((set) => set?.size),
      [0, 1, 0],
      moved,
    );
  });

  it("keeps reserved seats by session in two objects, where they can be renamed", async () => {
    class SeatRoom extends SyncRoom {}
    await using server = await startTestServer({ rooms: { seat: SeatRoom } });
    const seat = await server.reserveSeat("seat");
    const room = localRoom(SeatRoom, seat);
    const { _reservedSeats: seats, _reservedSeatTimeouts: timeouts } = roomInternals(room);
    const moved = "seats are kept elsewhere: a session has Colyseus's 54 bits";
    assert.match(seat.sessionId, /^[\w-]{22}$/, moved);
    assert.deepEqual(
      [Object.keys(seats), Object.keys(timeouts)],
      [[seat.sessionId], [seat.sessionId]],
    );
    await server.takeSeat(seat).joined();
    assert.deepEqual([Object.keys(seats), Object.keys(timeouts)], [[], []], moved);
  });

  it("gives clients reconnection tokens of nine characters, by assigning them", async () => {
    const moved = "tokens are made in another way: they have Colyseus's 54 bits";
    assert.equal(generateId().length, 9, moved);
    class TokenRoom extends SyncRoom {}
    await using server = await startTestServer({ rooms: { token: TokenRoom } });
    const { seat, reconnectionToken = "" } = await server.joinFrames("token");
    assert.match(reconnectionToken, /^[\w-]{22}$/, moved);
    const room = localRoom(TokenRoom, seat);
    assert.equal(sessionOfToken(room, reconnectionToken), seat.sessionId);
    assert.equal(sessionOfToken(room, reconnectionToken.slice(1)), undefined);
    assert.equal(sessionOfToken(room, "__proto__"), undefined);
  });
});

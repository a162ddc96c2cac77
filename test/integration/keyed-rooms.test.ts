import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { SyncRoom } from "../../server/index.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Board = schema({ value: t.number().default(0) }, "KeyedBoard");

class KeyedRoom extends SyncRoom<{ state: SchemaType<typeof Board> }> {
  override state = new Board();
  override persistence = { key: ({ board }: { board: string }) => `board-${board}` };
}

class PairRoom extends KeyedRoom {
  override maxClients = 2;
}

class LingeringRoom extends KeyedRoom {
  override lingerMs = 60_000;
}

describe("a room with a key", () => {
  it("is one room, however many ask for it at once", async () => {
    await using server = await startTestServer({ rooms: { keyed: KeyedRoom } });
    const joins = Array.from({ length: 20 }, () => server.reserveSeat("keyed", { board: "one" }));
    const ids = new Set((await Promise.all(joins)).map(({ roomId }) => roomId));
    assert.deepEqual([...ids], ["board-one"]);
    assert.equal((await matchMaker.query({ name: "keyed" })).length, 1);
  });

  it("refuses with room-full who comes too much, and has no twin", async () => {
    await using server = await startTestServer({ rooms: { pair: PairRoom } });
    const first = await server.joinFrames("pair", { board: "full" });
    await server.joinFrames("pair", { board: "full" });
    const { status, sync } = await server.reserveSeat("pair", { board: "full" });
    assert.deepEqual([status, sync?.code], [409, "room-full"]);
    assert.equal((await matchMaker.query({ name: "pair" })).length, 1);
    await first.close(4_000);
    localRoom(PairRoom, first.seat).kickClient(first.seat.sessionId);
    await waitUntil(
      async () => (await server.reserveSeat("pair", { board: "full" })).status === 200,
    );
  });

  it("opens anew after it was closed", async () => {
    await using server = await startTestServer({ rooms: { keyed: KeyedRoom } });
    const first = await server.joinFrames("keyed", { board: "again" });
    const room = localRoom(KeyedRoom, first.seat);
    await room.disconnect();
    const second = await server.joinFrames("keyed", { board: "again" });
    assert.equal(second.seat.roomId, first.seat.roomId);
    assert.notEqual(localRoom(KeyedRoom, second.seat), room);
  });

  it("is not shared with another kind of room that has the same key", async () => {
    await using server = await startTestServer({ rooms: { keyed: KeyedRoom, pair: PairRoom } });
    await server.joinFrames("keyed", { board: "same" });
    const { status, sync } = await server.reserveSeat("pair", { board: "same" });
    assert.deepEqual([status, sync?.code], [400, "options-invalid"]);
  });
});

describe("lingerMs", () => {
  it("keeps an empty room open for that long, and no longer", async () => {
    const clock = new FakeClock();
    await using server = await startTestServer({ rooms: { lingering: LingeringRoom }, clock });
    const ticking = setInterval(() => clock.advanceSync(1), 1);
    const client = await server.joinFrames("lingering", { board: "quiet" });
    const room = localRoom(LingeringRoom, client.seat);
    room.kickClient(client.seat.sessionId);
    await waitUntil(() => room.clients.length === 0);
    clearInterval(ticking);
    const isOpen = (): boolean => matchMaker.getLocalRoomById(room.roomId) === room;
    clock.advanceSync(59_900);
    assert.equal(isOpen(), true);
    clock.advanceSync(100);
    await waitUntil(() => !isOpen());
  });
});

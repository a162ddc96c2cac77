import assert from "node:assert/strict";
import { Room } from "@colyseus/core";
import { schema, type SchemaType, StateView, t } from "@colyseus/schema";
import { z } from "zod";
import { intent } from "../../server/rooms/intent.ts";
import type { RealtimeServer } from "../../server/realtime-server.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import type { RoomClient } from "../../server/transport/websocket-client.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { CuttableClient } from "../support/cuttable-client.ts";
import { localRoom } from "../support/local-room.ts";
import { useSeededRandom } from "../support/seeded-random.ts";
import { startServerOn, startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Token = schema({ x: t.number(), note: t.string().optional() }, "RejoinToken");
const Table = schema(
  {
    board: grid({ width: 32, height: 16, colors: 16 }),
    tokens: t.map(Token),
    title: t.string().optional(),
    lines: t.array("string"),
    sum: t.number(),
  },
  "RejoinTable",
);
type Table = SchemaType<typeof Table>;

class TableRoom extends SyncRoom<{ state: Table }> {
  override state = new Table().assign({ sum: 0 });
  override ticksPerSecond = 60;
  override messages = {
    add: intent(z.object({ by: z.int() }), (_client, { by }) => {
      this.state.sum += by;
      return this.state.sum;
    }),
    paint: intent(z.object({ x: z.int(), y: z.int(), color: z.int() }), (_client, pixel) => {
      this.state.board.set(pixel.x, pixel.y, pixel.color);
    }),
  };

  override onJoin(client: RoomClient): void {
    client.send("welcome", { for: client.sessionId });
  }
}

const Hand = schema({ card: t.string().view() }, "RejoinHand");
const Secret = schema({ open: t.number(), hands: t.map(Hand) }, "RejoinSecret");
type Secret = SchemaType<typeof Secret>;

class CardRoom extends SyncRoom<{ state: Secret }> {
  override state = new Secret().assign({ open: 0 });

  override onJoin(client: RoomClient): void {
    const hand = new Hand().assign({ card: `for ${client.sessionId}` });
    this.state.hands.set(client.sessionId, hand);
    client.view = new StateView();
    client.view.add(hand);
  }
}

class PlainRoom extends Room<{ state: Table }> {
  override state = new Table().assign({ sum: 0 });
  override messages = {
    add: (_client: unknown, payload: { by: number }) => {
      this.state.sum += payload.by;
      return this.state.sum;
    },
  };
}

class SilentRoom extends SyncRoom {
  override messages = { echo: intent(z.string(), (_client, text) => text) };
}

const rooms = { table: TableRoom, cards: CardRoom, plain: PlainRoom, silent: SilentRoom };
type Rooms = typeof rooms;

function connectTo({ wsUrl }: TestServer<Rooms>): CuttableClient<RealtimeServer<Rooms>> {
  return new CuttableClient<RealtimeServer<Rooms>>(wsUrl);
}

describe("our client and our server", () => {
  const random = useSeededRandom();

  it("delivers what onJoin sends to a listener added after the join", async () => {
    await using server = await startTestServer({ rooms });
    using client = connectTo(server);
    const { realtime } = client;
    const room = await realtime.join("table");
    const welcome = await new Promise((resolve) => room.onMessage("welcome", resolve));
    assert.deepEqual(welcome, { for: room.sessionId });
  });

  it("returns to its seat after a cut, with the same state object", async () => {
    await using server = await startTestServer({ rooms });
    using client = connectTo(server);
    const { realtime } = client;
    const room = await realtime.join("table");
    const { state, sessionId, roomId } = room;
    client.cut();
    await new Promise<void>((resolve) => room.onDrop(resolve));
    localRoom(TableRoom, room).state.board.fill(3);
    localRoom(TableRoom, room).state.title = "while away";
    await new Promise<void>((resolve) => room.onRejoin(resolve));
    assert.equal(room.state, state);
    assert.deepEqual([room.sessionId, room.roomId], [sessionId, roomId]);
    assert.equal(room.state.board.get(31, 15), 3);
    assert.equal(room.state.title, "while away");
    assert.equal(await room.request("add", { by: 2 }), 2);
  });

  it("applies an intent once that was cut off from its reply", async () => {
    await using server = await startTestServer({ rooms });
    using client = connectTo(server);
    const { realtime } = client;
    const room = await realtime.join("table");
    const replies = [1, 2, 3].map((by) => room.request("add", { by }));
    await waitUntil(() => localRoom(TableRoom, room).state.sum === 6);
    client.cut();
    assert.deepEqual(await Promise.all(replies), [1, 3, 6]);
    assert.equal(room.state.sum, 6);
    assert.equal(localRoom(TableRoom, room).state.sum, 6);
  });

  it("joins the room of the next process after a restart, listeners and all", async () => {
    const first = await startTestServer({ rooms });
    const { port } = first.server;
    using client = connectTo(first);
    const { realtime } = client;
    const statuses: string[] = [];
    realtime.onStatusChange((status) => statuses.push(status));
    const room = await realtime.join("table");
    const before = room.state;
    let patches = 0;
    room.onStateChange(() => (patches += 1));
    const waiting = first.close().then(() => room.request("add", { by: 5 }));
    await waitUntil(() => realtime.status === "reconnecting");
    await first.close();
    await using second = await startServerOn(port, { rooms });
    assert.equal(await waiting, 5);
    assert.equal(room.state.sum, 5);
    assert.notEqual(room.state, before);
    assert.ok(patches > 0);
    assert.equal(second.port, port);
    assert.deepEqual(statuses, ["connecting", "connected", "reconnecting", "connected"]);
  });

  it("is in step after random changes, cuts and rejoins", async () => {
    await using server = await startTestServer({ rooms });
    using client = connectTo(server);
    const { realtime } = client;
    const room = await realtime.join("table");
    room.onDrop(() => client.wake());
    const { state } = localRoom(TableRoom, room);
    for (let round = 0; round < 40; round += 1) {
      for (let step = 0; step < 10; step += 1) change(state, random().integer(0, 7), round, random);
      if (round % 8 === 7) {
        client.cut();
        await new Promise<void>((resolve) => room.onDrop(resolve));
        for (let step = 0; step < 5; step += 1)
          change(state, random().integer(0, 7), round, random);
        await waitUntil(() => room.isConnected);
      }
      await room.request("add", { by: 1 });
      assert.deepEqual(room.state.toJSON(), state.toJSON(), `after round ${round}`);
      assert.equal(room.state.board.checksum(), state.board.checksum());
    }
  });

  it("shows a view of its own again after a cut", async () => {
    await using server = await startTestServer({ rooms });
    using client = connectTo(server);
    const { realtime } = client;
    const room = await realtime.join("cards");
    const other = await realtime.join("cards");
    const { state } = localRoom(CardRoom, room);
    const cards = (): (string | undefined)[] =>
      [room, other].map(({ sessionId }) => room.state.hands.get(sessionId)?.card);
    await waitUntil(() => room.state.hands.size === 2);
    assert.deepEqual(cards(), [`for ${room.sessionId}`, undefined]);
    client.cut(0);
    await new Promise<void>((resolve) => room.onRejoin(resolve));
    assert.deepEqual(cards(), [`for ${room.sessionId}`, undefined]);
    state.hands.get(room.sessionId)!.card = "new";
    state.open = 7;
    await waitUntil(() => room.state.open === 7);
    assert.deepEqual(cards(), ["new", undefined]);
  });

  it("joins a plain Colyseus room and gets its replies", async () => {
    await using server = await startTestServer({ rooms });
    using client = connectTo(server);
    const { realtime } = client;
    const room = await realtime.join("plain");
    assert.equal(await room.request("add", { by: 4 }), 4);
    await waitUntil(() => room.state.sum === 4);
  });

  it("joins a room without state", async () => {
    await using server = await startTestServer({ rooms });
    using client = connectTo(server);
    const { realtime } = client;
    const room = await realtime.join("silent");
    assert.equal(await room.request("echo", "hi"), "hi");
    client.cut();
    assert.equal(await room.request("echo", "again"), "again");
  });

  it("is told by the room's own close code that it is over", async () => {
    await using server = await startTestServer({ rooms });
    using client = connectTo(server);
    const { realtime } = client;
    const room = await realtime.join("table");
    const left = new Promise((resolve) => room.onLeave((code) => resolve(code)));
    void localRoom(TableRoom, room).disconnect();
    assert.equal(await left, CloseCode.CONSENTED);
    assert.equal(realtime.status, "disconnected");
  });
});

function change(
  state: Table,
  kind: number,
  round: number,
  random: ReturnType<typeof useSeededRandom>,
): void {
  const key = `k${random().integer(0, 5)}`;
  const token = state.tokens.get(key);
  const kinds: (() => unknown)[] = [
    () =>
      state.board.set(random().integer(0, 31), random().integer(0, 15), random().integer(0, 15)),
    () => state.tokens.set(key, new Token().assign({ x: round })),
    () => state.tokens.delete(key),
    () => token !== undefined && (token.note = random().next() < 0.5 ? undefined : `n${round}`),
    () => (state.title = random().next() < 0.5 ? undefined : `t${round}`),
    () => state.lines.push(`line ${round}`),
    () => state.lines.length > 4 && state.lines.shift(),
    () => state.board.fillRect(random().integer(0, 20), random().integer(0, 8), 4, 4, round % 16),
  ];
  kinds[kind]?.();
}

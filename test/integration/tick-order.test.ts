import assert from "node:assert/strict";
import type { Client } from "@colyseus/core";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { intent, SyncRoom, type RoomClient } from "../../server/index.ts";
import type { Room as StockRoom } from "colyseus.js";
import { memoryStore } from "../support/memory-store.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Counter = schema({ value: t.number().default(0) }, "TickOrderCounter");
type Counter = SchemaType<typeof Counter>;

class CounterRoom extends SyncRoom<{ state: Counter }> {
  override state = new Counter();
  override messages = {
    add: intent(z.object({ by: z.number() }), (client, { by }) => {
      client.send("note", "before");
      this.state.value += by;
      this.broadcast("added", by);
      return this.state.value;
    }),
    later: intent(z.object({}), async (client) => {
      await this.answer;
      this.state.value += 1;
      client.send("note", "late");
      return this.state.value;
    }),
    touch: (_client: unknown, by: number) => {
      this.state.value += by;
      return this.state.value;
    },
    farewell: (client: Client) => {
      client.send("note");
      client.leave(4_000);
    },
  };
  answer: Promise<void> = Promise.resolve();
  ticks = 0;
  override onJoin(client: RoomClient): void {
    client.send("note", "welcome");
  }
  override onTick?: () => void;
}

class DurableCounterRoom extends CounterRoom {
  override persistence = { key: "durable" };
}

/** Writes down what a client sees, in the order in which it arrives. */
function record(room: StockRoom<unknown, Counter>): string[] {
  const seen: string[] = [];
  room.onStateChange(({ value }) => seen.push(`state ${value}`));
  room.onMessage("note", (text: unknown) => seen.push(`note ${String(text)}`));
  room.onMessage("added", (by: unknown) => seen.push(`added ${String(by)}`));
  return seen;
}

describe("a tick of a SyncRoom", () => {
  it("sends the state, then the messages, then the replies, to stock clients", async () => {
    await using server = await startTestServer({ rooms: { counter: CounterRoom } });
    const room = await server.joinStock<Counter>("counter");
    const seen = record(room);
    await waitUntil(() => seen.includes("note welcome"));
    seen.length = 0;
    const replies = [room.request("add", { by: 2 }), room.request("touch", 3)];
    assert.deepEqual(
      await Promise.all(replies.map(async (reply) => seen.push(`reply ${String(await reply)}`))),
      [4, 5],
    );
    assert.deepEqual(seen, ["state 5", "note before", "added 2", "reply 2", "reply 5"]);
  });

  it("gives a joiner one full state before everything that was sent to it", async () => {
    await using server = await startTestServer({ rooms: { counter: CounterRoom } });
    const room = await server.joinStock<Counter>("counter");
    const serverRoom = localRoom(CounterRoom, room);
    serverRoom.state.value = 7;
    const late = await server.joinStock<Counter>("counter");
    const seen = record(late);
    serverRoom.broadcast("added", 9);
    await waitUntil(() => seen.length === 3);
    assert.deepEqual(seen, ["state 7", "note welcome", "added 9"]);
  });

  it("answers an async handler with the tick after it resolved, behind what it changed", async () => {
    await using server = await startTestServer({ rooms: { counter: CounterRoom } });
    const room = await server.joinStock<Counter>("counter");
    const seen = record(room);
    await waitUntil(() => seen.includes("note welcome"));
    seen.length = 0;
    let answer: () => void = () => {};
    localRoom(CounterRoom, room).answer = new Promise((resolve) => (answer = resolve));
    const reply = room.request("later", {});
    await room.request("touch", 10);
    answer();
    assert.equal(await reply, 11);
    assert.deepEqual(seen, ["state 10", "state 11", "note late"]);
  });

  it("delivers what was sent before a client is closed", async () => {
    await using server = await startTestServer({ rooms: { counter: CounterRoom } });
    const room = await server.joinStock<Counter>("counter");
    const seen = record(room);
    await waitUntil(() => seen.includes("note welcome"));
    seen.length = 0;
    room.onLeave((code: number) => seen.push(`left ${code}`));
    room.send("farewell");
    await waitUntil(() => seen.includes("left 4000"));
    assert.deepEqual(seen, ["note undefined", "left 4000"]);
  });

  it("runs onTick before the patch is encoded, so its changes leave with the same tick", async () => {
    await using server = await startTestServer({ rooms: { counter: CounterRoom } });
    const room = await server.joinStock<Counter>("counter");
    const seen = record(room);
    await waitUntil(() => seen.includes("note welcome"));
    const serverRoom = localRoom(CounterRoom, room);
    serverRoom.onTick = () => {
      serverRoom.state.value += 100;
      delete serverRoom.onTick;
    };
    assert.equal(await room.request("touch", 1), 1);
    assert.equal(seen.at(-1), "state 101");
  });
});

describe("a tick of a durable SyncRoom", () => {
  it("keeps its frames back until the journal has committed it", async () => {
    const store = memoryStore();
    await using server = await startTestServer({ rooms: { counter: DurableCounterRoom }, store });
    const room = await server.joinStock<Counter>("counter");
    const seen = record(room);
    await waitUntil(() => seen.includes("note welcome"));
    seen.length = 0;

    const before = store.rooms.read("durable").ticks.length;
    const commits: (() => void)[] = [];
    store.rooms.intercept(async ({ what }) => {
      if (what === "tick") await new Promise<void>((commit) => commits.push(commit));
    });
    const reply = room.request("touch", 1).then((value) => seen.push(`reply ${String(value)}`));
    await waitUntil(() => commits.length === 1);
    localRoom(DurableCounterRoom, room).state.value = 50;
    localRoom(DurableCounterRoom, room).broadcastPatch();
    assert.deepEqual(seen, []);
    assert.equal(commits.length, 1, "the second tick does not commit before the first");

    commits[0]!();
    await reply;
    assert.deepEqual(seen, ["state 1", "reply 1"]);
    await waitUntil(() => commits.length === 2);
    commits[1]!();
    await waitUntil(() => seen.at(-1) === "state 50");
    assert.equal(store.rooms.read("durable").ticks.length, before + 2);
  });

  it("journals ticks while nobody is there to see them", async () => {
    const store = memoryStore();
    await using server = await startTestServer({ rooms: { counter: DurableCounterRoom }, store });
    const room = await server.joinStock<Counter>("counter");
    const serverRoom = localRoom(DurableCounterRoom, room);
    room.connection.close();
    await waitUntil(() => serverRoom.clients.length === 0);
    serverRoom.state.value = 3;
    const before = store.rooms.read("durable").ticks.length;
    serverRoom.state.value = 4;
    await waitUntil(() => store.rooms.read("durable").ticks.length > before);
  });

  it("answers not-durable when the commit fails, and refuses until a snapshot is saved", async () => {
    const store = memoryStore();
    await using server = await startTestServer({ rooms: { counter: DurableCounterRoom }, store });
    const room = await server.joinStock<Counter>("counter");
    const seen = record(room);
    await waitUntil(() => seen.includes("note welcome"));

    let saveSnapshot: () => void = () => {};
    store.rooms.intercept(async ({ what }) => {
      if (what === "tick") throw new Error("disk full");
      await new Promise<void>((resolve) => (saveSnapshot = resolve));
    });
    await assert.rejects(room.request("touch", 1), (error: { reason: { code: string } }) => {
      assert.equal(error.reason.code, "not-durable");
      return true;
    });
    assert.equal(room.state.value, 1, "what was applied stays visible");
    await assert.rejects(room.request("touch", 1), (error: { reason: { code: string } }) => {
      assert.equal(error.reason.code, "store-unavailable");
      return true;
    });
    assert.equal(
      localRoom(DurableCounterRoom, room).state.value,
      1,
      "a refused intent changes nothing",
    );

    store.rooms.intercept(() => Promise.resolve());
    saveSnapshot();
    await waitUntil(() => store.rooms.read("durable").snapshot !== undefined);
    assert.equal(await room.request("touch", 1), 2);
    assert.equal(
      store.rooms.read("durable").ticks.length,
      1,
      "the journal goes on after the snapshot",
    );
  });
});

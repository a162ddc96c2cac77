import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { connect } from "../../client/connect.ts";
import type { RealtimeClient } from "../../client/realtime-client.ts";
import {
  createServer,
  intent,
  silentLogger,
  SyncRoom,
  type CreateContext,
  type RealtimeServer,
  type RoomClient,
} from "../../server/index.ts";
import { TEST_GUEST_SECRET } from "../../server/testing/create-test-server.ts";
import { KeptStore } from "../support/kept-store.ts";
import { localRoom } from "../support/local-room.ts";
import { waitUntil } from "../support/wait-until.ts";

const Player = schema({ name: t.string(), score: t.number().default(0) }, "DurablePlayer");
const Arena = schema({ players: t.map(Player), rounds: t.number().default(0) }, "DurableArena");
type Arena = SchemaType<typeof Arena>;

class ArenaRoom extends SyncRoom<{ state: Arena }> {
  override state = new Arena();
  override ticksPerSecond = 100;
  override persistence = { key: (options: { name: string }): string => options.name };
  created: CreateContext[] = [];
  events: string[] = [];

  override messages = {
    score: intent(z.int(), { audit: true }, (client, by) => {
      const player = this.state.players.get(client.sessionId)!;
      player.score += by;
      return player.score;
    }),
    slow: intent(z.string(), { cooldownMs: 60_000 }, () => {
      this.state.rounds += 1;
    }),
  };

  override onCreate(_options: { name: string }, context: CreateContext): void {
    this.created.push(context);
  }

  override onJoin(client: RoomClient): void {
    this.state.players.set(client.sessionId, new Player().assign({ name: client.user.name }));
  }

  override onReconnect(client: RoomClient): void {
    this.events.push(`back ${client.sessionId}`);
  }

  override onLeave(client: RoomClient): void {
    this.state.players.delete(client.sessionId);
  }
}

const rooms = { arena: ArenaRoom };

/** A server on the port of an earlier one, or on a free one, that closes with the test. */
async function serve(store: KeptStore, port = 0): Promise<RealtimeServer<typeof rooms>> {
  const guestSecret = TEST_GUEST_SECRET;
  const server = createServer({ rooms, store, guestSecret, logger: silentLogger });
  await server.listen(port, "127.0.0.1");
  return server;
}

type Realtime = RealtimeClient<RealtimeServer<typeof rooms>>;

function connectTo({ port }: { port: number }): Realtime & Disposable {
  const realtime: Realtime = connect(`ws://127.0.0.1:${port}`, { storage: null, random: () => 0 });
  return Object.assign(realtime, { [Symbol.dispose]: () => realtime.disconnect() });
}

describe("a durable room", () => {
  it("goes on after a deploy with its state, and everybody's seat", async () => {
    const store = new KeptStore();
    const first = await serve(store);
    using realtime = connectTo(first);
    const room = await realtime.join("arena", { name: "deploy" });
    assert.deepEqual(localRoom(ArenaRoom, room).created, [{ restored: false }]);
    assert.equal(await room.request("score", 5), 5);
    const { sessionId, state } = room;
    const { port } = first;
    await first.close();

    await using _second = await serve(store, port);
    await waitUntil(() => room.isConnected);
    assert.equal(room.sessionId, sessionId);
    assert.equal(room.state, state, "the same state object");
    assert.equal(room.state.players.get(sessionId)?.score, 5);
    const serverRoom = localRoom(ArenaRoom, room);
    assert.deepEqual(serverRoom.created, [{ restored: true }]);
    assert.deepEqual(serverRoom.events, [`back ${sessionId}`]);
    assert.equal(await room.request("score", 2), 7);
  });
});

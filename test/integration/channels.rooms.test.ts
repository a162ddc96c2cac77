import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { Protocol } from "@colyseus/shared-types";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { CHANNEL_NEWS_TYPE } from "../../shared/protocol/channel-messages.ts";
import type { RoomStream } from "../../shared/protocol/hello.ts";
import { ChannelClient, waitForClients } from "../support/channel-client.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Count = schema({ value: t.number().default(0) }, "ChannelCount");
type Count = SchemaType<typeof Count>;

class GameRoom extends SyncRoom<{ state: Count }> {
  override state = new Count();
  override ticksPerSecond = 200;
  override messages = {
    add: () => {
      this.state.value += 1;
      this.publish("added", { value: this.state.value });
      return this.state.value;
    },
  };
}

const rooms = { game: GameRoom };
const TOPIC = "chat/general";

describe("what a room publishes", () => {
  let server: TestServer<typeof rooms>;
  let ada: ChannelClient;
  let bob: ChannelClient;
  let room: GameRoom;

  beforeEach(async () => {
    const channels = [{ pattern: "**", publish: true }] as const;
    server = await startTestServer({ rooms, channels });
    [ada, bob] = await Promise.all([
      ChannelClient.join(server, {}, "game"),
      ChannelClient.join(server, {}, "game"),
    ]);
    room = localRoom(GameRoom, ada.frames.seat);
  });

  afterEach(() => server.close());

  function streamOf(client: ChannelClient): RoomStream {
    assert.ok(client.frames.hello?.stream);
    return client.frames.hello.stream;
  }

  async function follow(client: ChannelClient): Promise<unknown[]> {
    const { topic, position } = streamOf(client);
    const answer = await client.ask("subscribe", { topic, since: position });
    assert.equal(answer.recovered, true);
    return answer.publications.map(({ data }) => data);
  }

  it("reaches everybody who follows the stream that the hello names, from the join on", async () => {
    room.publish("early", 1);
    assert.deepEqual(await follow(ada), [1]);
    await follow(bob);
    room.publish("live", 2);
    const { topic } = streamOf(ada);
    await waitUntil(() => ada.heard(topic).length > 0 && bob.heard(topic).length > 0);
    const [publication] = ada.publications(topic);
    assert.deepEqual(publication, {
      id: "2",
      offset: 2,
      event: "live",
      data: 2,
      timestamp: publication?.timestamp,
    });
    assert.deepEqual(bob.publications(topic), [publication]);
  });

  it("leaves with its tick: behind the state and before the reply", async () => {
    await follow(ada);
    const from = ada.frames.frames.length;
    const { status, payload } = await ada.frames.intent("add", null);
    assert.deepEqual([status, payload], [0, 1]);
    const codes = ada.frames.frames.slice(from).map(({ code, type }) => type ?? code);
    assert.deepEqual(codes, [Protocol.ROOM_STATE_PATCH, CHANNEL_NEWS_TYPE, Protocol.ROOM_RESPONSE]);
  });

  it("is brought to a client that was away, each as it was when it was published", async () => {
    await follow(ada);
    ada.frames.drop();
    await waitForClients(room, 1);
    const positions = { x: 0 };
    for (let at = 1; at <= 5; at += 1) {
      positions.x = at;
      room.publish("moved", positions);
    }
    const since = streamOf(ada).position;
    const before = streamOf(ada).topic;
    ada = await ada.reconnect(server);
    assert.equal(streamOf(ada).topic, before);
    const answer = await ada.ask("subscribe", { topic: before, since });
    assert.equal(answer.recovered, true);
    assert.deepEqual(
      answer.publications.map(({ data }) => data),
      [{ x: 1 }, { x: 2 }, { x: 3 }, { x: 4 }, { x: 5 }],
    );
  });

  it("says that something is gone to a client that comes back to a new room", async () => {
    const { position } = streamOf(ada);
    await room.disconnect();
    await Promise.all([ada.frames.waitForClose(), bob.frames.waitForClose()]);
    ada = await ChannelClient.join(server, { token: ada.token }, "game");
    const { topic } = streamOf(ada);
    const answer = await ada.ask("subscribe", { topic, since: position });
    assert.equal(answer.recovered, false);
  });

  it("is heard in the room only: its name is no channel's, under any policy", async () => {
    await follow(ada);
    const { topic } = streamOf(ada);
    const outsider = await ChannelClient.join(server);
    const given = { topic, event: "live", data: "forged", id: "1", state: {} };
    for (const name of ["subscribe", "publish", "track", "history"]) {
      assert.equal((await outsider.refusal(name, given)).code, "topic-invalid");
    }
    for (const name of ["publish", "track", "history", "delete"]) {
      assert.equal((await bob.refusal(name, given)).code, "topic-invalid");
    }
    await assert.rejects(server.server.realtime.send(topic, "forged"), { code: "topic-invalid" });
    await ada.settle();
    assert.deepEqual(ada.heard(topic), []);
  });

  it("is no longer heard by a client that unsubscribes from it", async () => {
    await follow(ada);
    await follow(bob);
    const { topic } = streamOf(ada);
    await ada.ask("unsubscribe", { topic });
    room.publish("live", 1);
    await waitUntil(() => bob.heard(topic).length > 0);
    await ada.settle();
    assert.deepEqual(ada.heard(topic), []);
  });

  it("is refused when it is no publication", () => {
    for (const data of [undefined, NaN, { at: new Date() }]) {
      assert.throws(() => room.publish("live", data as never), { code: "payload-invalid" });
    }
    assert.throws(() => room.publish("presence:join", 1), { code: "payload-invalid" });
    assert.throws(() => room.publish("", 1), { code: "payload-invalid" });
    assert.throws(() => room.publish("live", "a".repeat(1_048_575)), { code: "payload-too-large" });
  });
});

describe("a channel over a game room's own connection", () => {
  it("is the same channel as over the hub", async () => {
    await using server = await startTestServer({
      rooms,
      channels: [{ pattern: "chat/*", publish: true }],
    });
    const [inGame, inHub] = await Promise.all([
      ChannelClient.join(server, {}, "game"),
      ChannelClient.join(server),
    ]);
    await Promise.all(
      [inGame, inHub].map((each) => each.ask("subscribe", { topic: TOPIC, presence: {} })),
    );
    const receipts = [await inGame.publish(TOPIC, "a"), await inHub.publish(TOPIC, "b")];
    assert.deepEqual(
      receipts.map(({ offset }) => offset),
      [1, 2],
    );
    for (const each of [inGame, inHub]) {
      await each.settle();
      assert.deepEqual(each.heard(TOPIC), ["a", "b"]);
    }
    const { members } = await inGame.ask("subscribe", { topic: TOPIC });
    assert.equal(members.length, 2);
    // The room's own messages and state go on beside it.
    assert.deepEqual(await inGame.frames.intent("add", null), { status: 0, payload: 1 });
  });

  it("takes payloads larger than the room's own messages may be", async () => {
    await using server = await startTestServer({
      rooms,
      channels: [{ pattern: "chat/*", publish: true }],
    });
    const client = await ChannelClient.join(server, {}, "game");
    await client.ask("subscribe", { topic: TOPIC });
    const text = "a".repeat(100_000);
    await client.publish(TOPIC, text);
    assert.deepEqual(client.heard(TOPIC), [text]);
    const { payload } = await client.frames.intent("add", text);
    assert.equal((payload as { code: string }).code, "payload-too-large");
  });
});

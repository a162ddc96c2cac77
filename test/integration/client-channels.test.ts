import assert from "node:assert/strict";
import { z } from "zod";
import type { Channel } from "../../client/channels/channel.ts";
import { intent } from "../../server/rooms/intent.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import type { SyncError } from "../../shared/errors.ts";
import type { ServerType } from "../../shared/room-types.ts";
import { CuttableClient } from "../support/cuttable-client.ts";
import { localRoom } from "../support/local-room.ts";
import { useSeededRandom } from "../support/seeded-random.ts";
import { startServerOn, startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

class MatchRoom extends SyncRoom {
  override messages = {
    shoot: intent(z.int(), (_client, goals) => {
      this.publish("goal", { goals });
      return goals;
    }),
  };
}

const channels = [
  { pattern: "chat/*", publish: true },
  { pattern: "quiet/*", publish: true, presence: false },
  { pattern: "news/**" },
] as const;
const options = { rooms: { match: MatchRoom }, channels };
type MatchServer = ServerType & { "~rooms": typeof options.rooms };

/** A client that comes back at once when the test has cut its connection. */
function connectTo({ wsUrl }: TestServer<typeof options.rooms>): CuttableClient<MatchServer> {
  const client = new CuttableClient<MatchServer>(wsUrl);
  client.realtime.onStatusChange((status) => {
    // Behind the drop: only then is there a wait to be cut short.
    if (status === "reconnecting") queueMicrotask(() => client.wake());
  });
  return client;
}

function recordMessages(channel: Channel): unknown[] {
  const heard: unknown[] = [];
  channel.on("message", ({ data }) => heard.push(data));
  return heard;
}

describe("our client's channels and our server", () => {
  const random = useSeededRandom();

  it("carry messages, receipts, presence and history over the hub", async () => {
    await using server = await startTestServer(options);
    using ada = connectTo(server);
    using bob = connectTo(server);
    const [hers, his] = [
      ada.realtime.channel("chat/1").subscribe(),
      bob.realtime.channel("chat/1").subscribe(),
    ];
    await Promise.all([hers.ready, his.ready]);
    const [heard, joined] = [recordMessages(his), [] as unknown[]];
    his.on("presence:join", ({ data, self }) => joined.push([data.name, self]));
    await hers.track({ name: "Ada" });
    const receipt = await hers.publish("message", { text: "hi" }, { persist: true });
    assert.equal(receipt.offset, 1);
    await waitUntil(() => heard.length === 1 && joined.length === 1);
    assert.deepEqual(heard, [{ text: "hi" }]);
    assert.deepEqual(joined, [["Ada", false]]);
    const [stored] = await his.getHistory();
    assert.deepEqual([stored?.id, stored?.data], [receipt.id, { text: "hi" }]);
    const edited = await hers.editMessage(receipt.id, { text: "ho" });
    assert.deepEqual(edited.data, { text: "ho" });
    await assert.rejects(his.deleteMessage(receipt.id), { code: "not-found" });
  });

  it("tell who is here to whoever comes, and when somebody goes", async () => {
    await using server = await startTestServer(options);
    using ada = connectTo(server);
    using bob = connectTo(server);
    await ada.realtime.channel("chat/1").track({ name: "Ada" });
    const seen: unknown[] = [];
    const his = bob.realtime.channel("chat/1");
    for (const event of ["presence:sync", "presence:join", "presence:leave"]) {
      his.on(event, ({ initial, reason }) => seen.push([event, initial ?? reason]));
    }
    his.subscribe();
    await his.ready;
    assert.deepEqual(
      [...his.presenceState().values()].map(({ name }) => name),
      ["Ada"],
    );
    ada.realtime.disconnect();
    await waitUntil(() => seen.length === 3);
    assert.deepEqual(seen, [
      ["presence:sync", undefined],
      ["presence:join", true],
      ["presence:leave", "left"],
    ]);
  });

  it("refuse what no policy allows, and only that", async () => {
    await using server = await startTestServer(options);
    using client = connectTo(server);
    const { realtime } = client;
    const closed = realtime.channel("secret/1").subscribe();
    await assert.rejects(closed.ready, { code: "not-allowed" });
    const news = realtime.channel("news/today").subscribe();
    await news.ready;
    await assert.rejects(news.publish("message", 1), { code: "not-allowed" });
    const quiet = realtime.channel("quiet/1");
    const refused = assert.rejects(quiet.track({ name: "Ada" }), { code: "not-allowed" });
    quiet.subscribe();
    await Promise.all([refused, quiet.ready]);
    assert.equal((await quiet.publish("message", 1)).offset, 1);
  });

  it("show one's presence through a cut, without a leave for others", async () => {
    await using server = await startTestServer(options);
    using ada = connectTo(server);
    using bob = connectTo(server);
    const his = bob.realtime.channel("chat/1").subscribe();
    await his.ready;
    const seen: string[] = [];
    his.on("*", ({ event }) => seen.push(event));
    const hers = ada.realtime.channel("chat/1").subscribe();
    let returns = 0;
    hers.on("recovery", () => (returns += 1));
    await hers.track({ name: "Ada" });
    ada.cut();
    await waitUntil(() => returns === 1);
    await hers.publish("message", "back");
    await waitUntil(() => seen.includes("message"));
    assert.deepEqual(seen, ["presence:join", "message"]);
  });

  it("hear everything once and in order through random cuts, and publish once", async () => {
    await using server = await startTestServer(options);
    const clients = [connectTo(server), connectTo(server), connectTo(server)];
    const handles = clients.map(({ realtime }) => realtime.channel("chat/1").subscribe());
    const heard = handles.map(recordMessages);
    const flags: boolean[] = [];
    for (const each of handles) each.on("recovery", ({ data }) => flags.push(data.recovered));
    await Promise.all(handles.map(({ ready }) => ready));
    const receipts: Promise<unknown>[] = [];
    for (let count = 0; count < 150; count += 1) {
      const publisher = random().integer(0, handles.length - 1);
      receipts.push(handles[publisher]!.publish("message", count));
      if (count % 25 === 12) clients[random().integer(0, clients.length - 1)]!.cut();
      if (count % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(receipts);
    await waitUntil(() => heard.every(({ length }) => length >= 150));
    assert.deepEqual(heard[1], heard[0]);
    assert.deepEqual(heard[2], heard[0]);
    const sorted = (heard[0] as number[]).toSorted((one, other) => one - other);
    assert.deepEqual(sorted, [...Array(150).keys()]);
    assert.ok(flags.length > 0 && flags.every(Boolean));
    for (const { realtime } of clients) realtime.disconnect();
  });

  it("tell of a restart that lost the window, and go on", async () => {
    const first = await startTestServer(options);
    const { port } = first.server;
    using client = connectTo(first);
    const { realtime } = client;
    const channel = realtime.channel("chat/1").subscribe();
    const flags: boolean[] = [];
    channel.on("resync", ({ data }) => flags.push(data.recovered));
    await channel.publish("message", "before");
    await first.close();
    await using second = await startServerOn(port, options);
    await waitUntil(() => flags.length === 1);
    assert.deepEqual(flags, [false]);
    assert.equal((await channel.publish("message", "after")).offset, 1);
    assert.equal(second.port, port);
  });

  it("carry channels over a game room, and what that room publishes", async () => {
    await using server = await startTestServer(options);
    using client = connectTo(server);
    const { realtime } = client;
    const room = await realtime.join("match");
    const goals: unknown[] = [];
    room.onMessage("goal", (goal) => goals.push(goal));
    room.onRecovery(({ recovered, replayed }) => goals.push({ recovered, replayed }));
    const heard = recordMessages(room.channel("chat/1").subscribe());
    await Promise.all([
      room.request("shoot", 1),
      room.channel("chat/1").publish("message", "goal!"),
    ]);
    await waitUntil(() => heard.length === 1);
    const local = localRoom(MatchRoom, room);
    room.onDrop(() => local.publish("goal", { goals: 2 }));
    client.cut();
    await waitUntil(() => goals.length === 3);
    const expected = [{ goals: 1 }, { recovered: true, replayed: 1 }, { goals: 2 }];
    assert.deepEqual(goals, expected);
  });

  it("take a megabyte of JSON and no more", async () => {
    await using server = await startTestServer(options);
    using client = connectTo(server);
    const { realtime } = client;
    const channel = realtime.channel("chat/1");
    const text = "x".repeat(1_048_574);
    assert.equal((await channel.publish("message", text)).offset, 1);
    await assert.rejects(channel.publish("message", `${text}x`), { code: "payload-too-large" });
    assert.equal((await channel.publish("message", "still here")).offset, 2);
  });

  it("show a newer token to the live connection", async () => {
    await using server = await startTestServer(options);
    using client = connectTo(server);
    const { realtime } = client;
    const channel = realtime.channel("chat/1").subscribe();
    await channel.ready;
    const errors: SyncError[] = [];
    channel.onError((error) => errors.push(error));
    realtime.setToken("nonsense");
    await waitUntil(() => errors.length === 1);
    assert.equal(errors[0]?.code, "auth-failed");
  });
});

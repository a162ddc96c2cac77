import assert from "node:assert/strict";
import type { SyncError } from "../../../../shared/errors.ts";
import {
  HEARTBEAT_TIMEOUT_MS,
  MAX_FRAMES_PER_SECOND,
  MAX_OUTBOX_MESSAGES,
  MAX_REQUESTS_PER_SECOND,
  PRESENCE_INTERVAL_MS,
} from "../../../../shared/limits.ts";
import {
  FakeChannelClient,
  record,
  recordMessages,
  REJOIN_MS,
} from "../../../support/fake-channel-client.ts";
import { refusal } from "../../../support/fake-room-server.ts";

/** What users of other realtime clients complain about; each is a promise here. */
describe("a realtime client that people need not work around", () => {
  it("resumes after sleep: the page wakes on a dead connection and misses nothing", async () => {
    const client = new FakeChannelClient();
    const heard = record(await client.subscribed(), "message", "recovery");
    client.publish("before");
    await client.settle();
    client.server.lastSocket.pair.cut();
    client.publish("while asleep");
    // Somebody opens the lid: the line is asked for a sign of life, and there is none.
    client.wakeSignals.wake();
    await client.clock.advance(HEARTBEAT_TIMEOUT_MS);
    client.wakeSignals.wake();
    await client.settle();
    assert.deepEqual(heard, [
      ["message", "before"],
      ["recovery", { topic: "chat/general", recovered: true, replayed: 1 }],
      ["message", "while asleep"],
    ]);
    assert.equal(client.realtime.status, "connected");
  });

  it("never gives up on a network that stays away for a day", async () => {
    const client = new FakeChannelClient();
    const heard = recordMessages(await client.subscribed());
    client.server.intercept = () => ({ status: 502, body: "<html>bad gateway</html>" });
    client.server.drop();
    await client.clock.advance(24 * 3_600_000);
    assert.equal(client.realtime.status, "reconnecting");
    client.server.intercept = undefined;
    await client.clock.advance(40_000);
    client.publish("still here");
    await client.settle();
    assert.deepEqual(heard, ["still here"]);
  });

  it("rejoins with the newest token, also one that was set while away", async () => {
    const client = new FakeChannelClient({ token: "old" });
    await client.subscribed();
    client.server.drop();
    await client.settle();
    client.realtime.setToken("new");
    await client.clock.advance(REJOIN_MS);
    assert.equal(client.server.asked.at(-1)?.token, "new");
  });

  it("stops when the token is refused, and says so", async () => {
    const client = new FakeChannelClient({ token: "old" });
    const codes: (string | undefined)[] = [];
    client.realtime.channel("chat/general").subscribe((_status, error) => codes.push(error?.code));
    await client.settle();
    client.server.restart();
    client.server.intercept = () => refusal(401, "auth-failed");
    await client.clock.advance(3_600_000);
    assert.deepEqual(codes, [undefined, "auth-failed"]);
    assert.equal(client.server.asked.length, 2);
    assert.equal(client.realtime.status, "disconnected");
  });

  it("works again after a new token, without a new client", async () => {
    const client = new FakeChannelClient({ token: "old" });
    client.server.intercept = ({ token }) =>
      token === "old" ? refusal(401, "auth-failed") : undefined;
    const channel = client.realtime.channel("chat/general").subscribe();
    await assert.rejects(Promise.all([channel.ready, client.settle()]), { code: "auth-failed" });
    client.realtime.setToken("new");
    channel.subscribe();
    await Promise.all([channel.ready, client.settle()]);
    assert.equal(client.realtime.status, "connected");
  });

  it("is ready when it says ready: what is published in that very moment arrives", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel("chat/general");
    const heard = recordMessages(channel);
    channel.subscribe((status) => {
      if (status === "SUBSCRIBED") client.publish("at once");
    });
    await client.settle();
    assert.deepEqual(heard, ["at once"]);
  });

  it("updates presence without a leave and a join", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed("room/lobby");
    const heard: string[] = [];
    channel.on("*", ({ event }) => heard.push(event));
    await Promise.all([channel.track({ x: 1 }), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    await Promise.all([channel.track({ x: 2 }), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    assert.deepEqual(heard, ["presence:join", "presence:update"]);
  });

  it("shows one member for one user, whatever the number of reconnects", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed("room/lobby");
    await Promise.all([channel.track({ name: "Ada" }), client.settle()]);
    for (let round = 0; round < 5; round += 1) {
      client.server.restart();
      await client.clock.advance(40_000);
    }
    assert.deepEqual([...channel.presenceState().keys()], ["guest-1"]);
  });

  it("never closes a channel for moving a cursor: track is coalesced", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed("room/lobby");
    const tracked: Promise<void>[] = [];
    for (let x = 0; x < 1_000; x += 1) {
      tracked.push(channel.track({ x }));
      if (x % 20 === 0) await client.clock.advance(16);
    }
    await Promise.all([...tracked, client.clock.advance(1_000)]);
    assert.ok(client.channels.asked("track").length <= 12);
    assert.deepEqual(client.channels.members("room/lobby"), [{ x: 999, userId: "guest-1" }]);
  });

  it("settles every track and untrack, however they follow each other", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel("room/lobby");
    const calls = [channel.track({ x: 1 }), channel.untrack(), channel.track({ x: 1 })];
    channel.subscribe();
    calls.push(channel.track({ x: 2 }), channel.untrack(), channel.untrack());
    await Promise.all([...calls, client.clock.advance(1_000)]);
    assert.deepEqual(client.channels.members("room/lobby"), []);
  });

  it("mounts twice in strict mode with one subscription on the wire", async () => {
    const client = new FakeChannelClient();
    const first = client.realtime.channel("chat/general").subscribe();
    first.unsubscribe();
    const heard = recordMessages(client.realtime.channel("chat/general").subscribe());
    await client.settle();
    client.publish("once");
    await client.settle();
    assert.deepEqual(heard, ["once"]);
    assert.deepEqual(client.channels.names, ["subscribe"]);
  });

  it("lets a second handle of a topic live when the first one is unsubscribed", async () => {
    const client = new FakeChannelClient();
    const first = await client.subscribed();
    const heard = recordMessages(await client.subscribed());
    first.unsubscribe();
    await client.settle();
    client.publish("hi");
    await client.settle();
    assert.deepEqual(heard, ["hi"]);
  });

  it("sends, keeps or refuses every message, and never ignores one", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const outcomes: string[] = [];
    const calls = Array.from({ length: 400 }, (_, at) =>
      channel.publish("message", at).then(
        () => outcomes.push("sent"),
        (error: SyncError) => outcomes.push(error.code),
      ),
    );
    await Promise.all([...calls, client.clock.advance(2_000)]);
    const sent = outcomes.filter((outcome) => outcome === "sent").length;
    assert.equal(outcomes.length, 400);
    assert.ok(sent >= MAX_REQUESTS_PER_SECOND + MAX_OUTBOX_MESSAGES - 1);
    assert.deepEqual(new Set(outcomes), new Set(["sent", "rate-limited"]));
    const order = client.channels.asked("publish").map(({ data }) => data as number);
    assert.deepEqual(
      order,
      order.toSorted((one, other) => one - other),
    );
  });

  it("uses no other transport behind one's back", async () => {
    const client = new FakeChannelClient();
    client.server.isSilent = true;
    const channel = client.realtime.channel("chat/general");
    const code = channel.publish("message", 1).catch((error: SyncError) => error.code);
    await client.clock.advance(60_000);
    assert.equal(await code, "disconnected");
    const methods = new Set(client.server.asked.map(({ method }) => method));
    assert.deepEqual(methods, new Set(["joinOrCreate"]));
  });

  it("says which channel was one too many, and keeps the others", async () => {
    const client = new FakeChannelClient();
    client.channels.refuse = ({ given }) =>
      given["topic"] === "sixth" ? { code: "channel-limit", message: "5 channels" } : undefined;
    const heard = recordMessages(await client.subscribed("fifth"));
    const codes: (string | undefined)[] = [];
    client.realtime.channel("sixth").subscribe((_status, error) => codes.push(error?.code));
    await client.settle();
    client.publish("hi", "fifth");
    await client.settle();
    assert.deepEqual([codes, heard], [["channel-limit"], ["hi"]]);
  });

  it("restores hundreds of subscriptions without looking like a flood", async () => {
    const client = new FakeChannelClient();
    const topics = Array.from({ length: 256 }, (_, at) => `topic-${at}`);
    const heard = topics.map((topic) => recordMessages(client.realtime.channel(topic).subscribe()));
    await client.clock.advance(2_000);
    client.server.drop();
    await client.settle();
    for (const topic of topics) client.publish("missed", topic);
    client.channels.operations.length = 0;
    client.wakeSignals.wake();
    await client.clock.advance(999);
    assert.ok(client.channels.operations.length < MAX_FRAMES_PER_SECOND);
    await client.clock.advance(2_000);
    assert.deepEqual(
      heard,
      topics.map(() => ["missed"]),
    );
  });

  it("delivers a thousand replayed messages in the order of their offsets", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const offsets: (number | undefined)[] = [];
    channel.on("message", ({ offset }) => offsets.push(offset));
    await client.dropAndReturn(() => {
      // Many of one millisecond: time alone would not tell them apart.
      for (let count = 0; count < 1_000; count += 1) client.publish(count);
    });
    assert.deepEqual(
      offsets,
      Array.from({ length: 1_000 }, (_, at) => at + 1),
    );
  });

  it("comes out of TIMED_OUT by itself once the server answers", async () => {
    const client = new FakeChannelClient();
    client.channels.hold = () => true;
    const channel = client.realtime.channel("chat/general");
    const heard = recordMessages(channel);
    const statuses: string[] = [];
    channel.subscribe((status) => statuses.push(status));
    await client.clock.advance(60_000);
    assert.equal(statuses[0], "TIMED_OUT");
    client.channels.hold = undefined;
    client.channels.release();
    await client.clock.advance(60_000);
    client.publish("hi");
    await client.settle();
    assert.equal(statuses.at(-1), "SUBSCRIBED");
    assert.deepEqual(heard, ["hi"]);
    assert.equal(client.channels.subscribers("chat/general"), 1);
  });

  it("takes a second subscribe for the first, and reports it like the first", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel("chat/general");
    const statuses: string[] = [];
    const heard = recordMessages(channel);
    for (let time = 0; time < 3; time += 1) channel.subscribe((status) => statuses.push(status));
    await client.settle();
    channel.subscribe((status) => statuses.push(status));
    client.publish("once");
    await client.settle();
    assert.deepEqual(statuses, ["SUBSCRIBED", "SUBSCRIBED", "SUBSCRIBED", "SUBSCRIBED"]);
    assert.deepEqual(heard, ["once"]);
    assert.deepEqual(client.channels.names, ["subscribe"]);
  });

  it("hears presence through listeners that come late, without subscribing again", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed("room/lobby");
    const heard = record(channel, "presence:join", "presence:leave");
    client.show("user-2", { name: "Bea" }, "room/lobby");
    await client.dropAndReturn();
    client.show("user-2", undefined, "room/lobby");
    await client.settle();
    assert.deepEqual(heard, [
      ["presence:join", { name: "Bea", userId: "user-2" }],
      ["presence:leave", { name: "Bea", userId: "user-2" }],
    ]);
    assert.deepEqual(client.channels.names, ["subscribe", "subscribe"], "once a connection");
  });

  it("says that something is published when it is, not when it was sent", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.channels.hold = ({ name }) => name === "publish";
    let isDone = false;
    const receipt = channel.publish("message", 1).finally(() => (isDone = true));
    await client.clock.advance(1_000);
    assert.equal(isDone, false);
    client.channels.release();
    await client.settle();
    assert.equal((await receipt).offset, 1);
  });

  it("is at rest after signing out: nothing rejoins with the old token", async () => {
    const client = new FakeChannelClient({ token: "old" });
    await client.subscribed();
    client.server.drop();
    await client.settle();
    const { length } = client.server.asked;
    client.realtime.disconnect();
    client.wakeSignals.wake();
    await client.clock.advance(3_600_000);
    assert.equal(client.server.asked.length, length);
    assert.equal(client.clock.pendingTimers, 0);
  });
});

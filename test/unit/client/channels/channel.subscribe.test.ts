import assert from "node:assert/strict";
import type { ChannelStatus } from "../../../../client/channels/handle-subscription.ts";
import type { SyncError } from "../../../../shared/errors.ts";
import { SUBSCRIBE_TIMEOUT_MS } from "../../../../shared/limits.ts";
import { CloseCode } from "../../../../shared/protocol/close-codes.ts";
import { FakeChannelClient, record, recordMessages } from "../../../support/fake-channel-client.ts";
import { refusal } from "../../../support/fake-room-server.ts";

const NOT_ALLOWED = { code: "not-allowed", message: "no" } as const;

interface Told {
  statuses: [status: ChannelStatus, code: string | undefined][];
  listen: (status: ChannelStatus, error?: SyncError) => void;
}

function tellStatuses(): Told {
  const statuses: Told["statuses"] = [];
  return { statuses, listen: (status, error) => statuses.push([status, error?.code]) };
}

describe("Channel", () => {
  it("refuses a name that is none at once", () => {
    const client = new FakeChannelClient();
    for (const name of ["", "a//b", "/a", "a b", "*", "x".repeat(129), "ä", "a\n"]) {
      assert.throws(() => client.realtime.channel(name), { code: "topic-invalid" }, name);
    }
    // A page in plain JavaScript may pass anything.
    assert.throws(() => client.realtime.channel(undefined as unknown as string), {
      code: "topic-invalid",
    });
  });

  it("sends nothing and joins nothing until something needs the connection", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel("chat/general").on("message", () => undefined);
    await client.settle();
    assert.equal(client.server.asked.length, 0);
    assert.equal(client.realtime.status, "idle");
    assert.equal(channel.presenceState().size, 0);
  });
});

describe("Channel.subscribe", () => {
  it("joins the hub room and asks for the topic", async () => {
    const client = new FakeChannelClient();
    await client.subscribed();
    assert.equal(client.server.asked[0]?.target, "atrium-hub");
    assert.deepEqual(client.channels.asked("subscribe"), [{ topic: "chat/general" }]);
    assert.equal(client.realtime.status, "connected");
  });

  it("reports SUBSCRIBED when messages and presence flow, and not before", async () => {
    const client = new FakeChannelClient();
    client.channels.holdAnswer = ({ name }) => name === "subscribe";
    const { statuses, listen } = tellStatuses();
    const channel = client.realtime.channel("chat/general").subscribe(listen);
    let isReady = false;
    void channel.ready.then(() => (isReady = true));
    await client.settle();
    assert.deepEqual([statuses, isReady], [[], false]);
    client.show("user-2", { name: "Bob" });
    client.channels.release();
    const members = channel.ready.then(() => [...channel.presenceState().keys()]);
    await client.settle();
    assert.deepEqual([statuses, isReady], [[["SUBSCRIBED", undefined]], true]);
    assert.deepEqual(await members, ["user-2"]);
  });

  it("says why there is no connection when it reports TIMED_OUT", async () => {
    const client = new FakeChannelClient();
    client.server.intercept = () => ({ status: 502, body: "" });
    const channel = client.realtime.channel("chat/general").subscribe();
    const refused = assert.rejects(channel.ready, {
      message: /^"chat\/general" is not subscribed after 10000 ms: matchmaking .* 502$/,
    });
    await client.clock.advance(SUBSCRIBE_TIMEOUT_MS);
    await refused;
  });

  it(`reports TIMED_OUT after ${SUBSCRIBE_TIMEOUT_MS} ms, and SUBSCRIBED when it comes after all`, async () => {
    const client = new FakeChannelClient();
    client.server.intercept = () => ({ status: 503, body: "" });
    const { statuses, listen } = tellStatuses();
    const channel = client.realtime.channel("chat/general").subscribe(listen);
    const refused = assert.rejects(channel.ready, { code: "timed-out" });
    await client.clock.advance(SUBSCRIBE_TIMEOUT_MS - 1);
    assert.deepEqual(statuses, []);
    await client.clock.advance(1);
    assert.deepEqual(statuses, [["TIMED_OUT", "timed-out"]]);
    await refused;
    client.server.intercept = undefined;
    await client.clock.advance(30_000);
    assert.deepEqual(statuses.slice(1), [["SUBSCRIBED", undefined]]);
    await channel.ready;
  });

  it("goes on asking a server that stays silent", async () => {
    const client = new FakeChannelClient();
    client.channels.hold = () => client.channels.operations.length === 1;
    const { statuses, listen } = tellStatuses();
    client.realtime.channel("chat/general").subscribe(listen);
    await client.clock.advance(SUBSCRIBE_TIMEOUT_MS + 2_000);
    assert.deepEqual(statuses, [
      ["TIMED_OUT", "timed-out"],
      ["SUBSCRIBED", undefined],
    ]);
  });

  it("reports CHANNEL_ERROR with the refusal, and can be tried again", async () => {
    const client = new FakeChannelClient();
    client.channels.refuse = () => NOT_ALLOWED;
    const { statuses, listen } = tellStatuses();
    const channel = client.realtime.channel("chat/secret").subscribe(listen);
    await client.settle();
    assert.deepEqual(statuses, [["CHANNEL_ERROR", "not-allowed"]]);
    await assert.rejects(channel.ready, { code: "not-allowed" });
    client.channels.refuse = undefined;
    const heard = recordMessages(channel);
    channel.subscribe(listen);
    await client.settle();
    client.publish("hi", "chat/secret");
    await client.settle();
    assert.deepEqual(statuses.at(-1), ["SUBSCRIBED", undefined]);
    assert.deepEqual(heard, ["hi"]);
  });

  it("waits as long as a rate limit says and asks again", async () => {
    const client = new FakeChannelClient();
    client.channels.refuse = () => ({ code: "rate-limited", message: "slow", retryAfterMs: 700 });
    const { statuses, listen } = tellStatuses();
    client.realtime.channel("chat/general").subscribe(listen);
    await client.clock.advance(699);
    client.channels.refuse = undefined;
    assert.equal(client.channels.operations.length, 1);
    await client.clock.advance(1);
    assert.deepEqual(statuses, [["SUBSCRIBED", undefined]]);
  });

  it("asks again when the server that refused it is going away", async () => {
    const client = new FakeChannelClient();
    client.channels.refuse = () => ({ code: "closed", message: "the server is closing" });
    const { statuses, listen } = tellStatuses();
    client.realtime.channel("chat/general").subscribe(listen);
    await client.settle();
    client.channels.refuse = undefined;
    client.server.restart();
    await client.clock.advance(5_000);
    assert.deepEqual(statuses, [["SUBSCRIBED", undefined]]);
  });

  it("reports CHANNEL_ERROR for an answer that is none, and for a room that has no channels", async () => {
    const client = new FakeChannelClient();
    client.server.room.channels = undefined;
    const { statuses, listen } = tellStatuses();
    client.server.room.onRequest = () => ({ position: 5 });
    client.realtime.channel("chat/general").subscribe(listen);
    await client.settle();
    assert.deepEqual(statuses, [["CHANNEL_ERROR", "frame-malformed"]]);
    const plain = new FakeChannelClient();
    plain.server.room.saysHello = false;
    plain.server.room.hasState = true;
    const room = await plain.join();
    room.channel("chat/general").subscribe(listen);
    await plain.settle();
    assert.deepEqual(statuses[1], ["CHANNEL_ERROR", "unknown-message"]);
    assert.deepEqual(plain.server.room.requests, []);
  });

  it("reports CHANNEL_ERROR when the server takes the subscription away", async () => {
    const client = new FakeChannelClient();
    const { statuses, listen } = tellStatuses();
    const channel = client.realtime.channel("chat/general").subscribe(listen);
    const heard = recordMessages(channel);
    await client.settle();
    const topic = "chat/general";
    client.channels.tell(client.server.room, { kind: "ended", topic, error: NOT_ALLOWED });
    client.publish("unheard");
    await client.settle();
    assert.deepEqual(statuses, [
      ["SUBSCRIBED", undefined],
      ["CHANNEL_ERROR", "not-allowed"],
    ]);
    assert.deepEqual(heard, []);
    await assert.rejects(channel.ready, { code: "not-allowed" });
  });

  it("does nothing the second time but tell the new callback too", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const { statuses, listen } = tellStatuses();
    channel.subscribe(listen).subscribe();
    assert.deepEqual(statuses, []);
    await client.settle();
    assert.deepEqual(statuses, [["SUBSCRIBED", undefined]]);
    assert.deepEqual(client.channels.names, ["subscribe"]);
  });

  it("never calls back inside the call, also when the topic is live already", async () => {
    const client = new FakeChannelClient();
    await client.subscribed();
    const { statuses, listen } = tellStatuses();
    const second = client.realtime.channel("chat/general");
    const heard = record(second, "presence:sync");
    second.subscribe(listen);
    assert.deepEqual([statuses, heard], [[], []]);
    await client.settle();
    assert.deepEqual(statuses, [["SUBSCRIBED", undefined]]);
    assert.deepEqual(heard, [["presence:sync", []]]);
  });

  it("reports SUBSCRIBED again after every reconnect", async () => {
    const client = new FakeChannelClient();
    const { statuses, listen } = tellStatuses();
    client.realtime.channel("chat/general").subscribe(listen);
    await client.settle();
    await client.dropAndReturn();
    assert.deepEqual(statuses, [
      ["SUBSCRIBED", undefined],
      ["SUBSCRIBED", undefined],
    ]);
  });

  it("reports CLOSED when the client is disconnected, and for every later attempt", async () => {
    const client = new FakeChannelClient();
    const { statuses, listen } = tellStatuses();
    const channel = client.realtime.channel("chat/general").subscribe(listen);
    await client.settle();
    client.realtime.disconnect();
    assert.deepEqual(statuses.at(-1), ["CLOSED", undefined]);
    channel.subscribe(listen);
    await client.settle();
    assert.deepEqual(statuses.slice(1), [
      ["CLOSED", undefined],
      ["CLOSED", undefined],
    ]);
    await assert.rejects(channel.ready, { code: "closed" });
    assert.equal(client.clock.pendingTimers, 0);
  });

  it("reports CHANNEL_ERROR with the reason when the client is refused for good", async () => {
    const client = new FakeChannelClient();
    client.server.intercept = () => refusal(401, "auth-failed");
    const { statuses, listen } = tellStatuses();
    client.realtime.channel("chat/general").subscribe(listen);
    await client.clock.advance(60_000);
    assert.deepEqual(statuses, [["CHANNEL_ERROR", "auth-failed"]]);
    assert.equal(client.realtime.status, "disconnected");
    assert.equal(client.clock.pendingTimers, 0);
  });

  it("reports CLOSED when the server ends the session on purpose", async () => {
    const client = new FakeChannelClient();
    const { statuses, listen } = tellStatuses();
    client.realtime.channel("chat/general").subscribe(listen);
    await client.settle();
    client.server.lastSocket.pair.server.close(CloseCode.CONSENTED);
    await client.settle();
    assert.deepEqual(statuses.at(-1), ["CLOSED", undefined]);
  });

  it("rejects ready where nobody subscribed", async () => {
    const client = new FakeChannelClient();
    await assert.rejects(client.realtime.channel("chat/general").ready, { code: "closed" });
  });
});

describe("Channel.unsubscribe", () => {
  it("ends the wire subscription with the last handle, not before", async () => {
    const client = new FakeChannelClient();
    const first = await client.subscribed();
    const second = await client.subscribed();
    const heard = recordMessages(second);
    assert.equal(client.channels.asked("subscribe").length, 1);
    first.unsubscribe();
    await client.settle();
    client.publish("still here");
    await client.settle();
    assert.deepEqual(heard, ["still here"]);
    assert.deepEqual(client.channels.asked("unsubscribe"), []);
    second.unsubscribe();
    await client.settle();
    assert.deepEqual(client.channels.asked("unsubscribe"), [{ topic: "chat/general" }]);
    assert.equal(client.channels.subscribers("chat/general"), 0);
  });

  it("removes the handle's listeners and only its own", async () => {
    const client = new FakeChannelClient();
    const first = await client.subscribed();
    const second = await client.subscribed();
    const [one, other] = [recordMessages(first), recordMessages(second)];
    first.unsubscribe();
    first.subscribe();
    await client.settle();
    client.publish("hi");
    await client.settle();
    assert.deepEqual([one, other], [[], ["hi"]]);
  });

  it("lets no callback run any more, even for what was received before", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard: unknown[] = [];
    channel.on("message", ({ data }) => {
      heard.push(data);
      channel.unsubscribe();
    });
    channel.on("message", () => heard.push("a later listener"));
    channel.on("*", () => heard.push("a wildcard listener"));
    const { pair } = client.server.lastSocket;
    pair.hold();
    client.publish("one");
    client.publish("two");
    pair.release();
    await client.settle();
    assert.deepEqual(heard, ["one"]);
  });

  it("tells CLOSED before it returns, and nothing afterwards", async () => {
    const client = new FakeChannelClient();
    const { statuses, listen } = tellStatuses();
    const channel = client.realtime.channel("chat/general").subscribe(listen);
    await client.settle();
    channel.unsubscribe();
    assert.deepEqual(statuses.at(-1), ["CLOSED", undefined]);
    await client.dropAndReturn();
    assert.equal(statuses.length, 2);
  });

  it("can be called twice, and without a subscribe", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel("chat/general");
    channel.unsubscribe();
    channel.subscribe();
    channel.unsubscribe();
    channel.unsubscribe();
    await client.settle();
    assert.equal(client.clock.pendingTimers, 1, "the heartbeat's and nobody else's");
  });

  it("waits for the answer to a subscribe that is under way, and ends that one", async () => {
    const client = new FakeChannelClient();
    await client.realtime.connect();
    client.channels.hold = ({ name }) => name === "subscribe";
    const channel = client.realtime.channel("chat/general").subscribe();
    await client.settle();
    channel.unsubscribe();
    await client.settle();
    assert.deepEqual(client.channels.names, ["subscribe"]);
    client.channels.release();
    await client.settle();
    assert.deepEqual(client.channels.names, ["subscribe", "unsubscribe"]);
    assert.equal(client.channels.subscribers("chat/general"), 0);
  });

  it("is not asked of a connection that never had the subscription", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel("chat/general").subscribe();
    channel.unsubscribe();
    await client.settle();
    assert.deepEqual(client.channels.operations, []);
  });

  it("gives a later subscribe a fresh start, without what was missed in between", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    channel.unsubscribe();
    await client.settle();
    client.publish("in between");
    const heard = record(channel, "message", "recovery");
    channel.subscribe();
    await client.settle();
    client.publish("afterwards");
    await client.settle();
    assert.deepEqual(heard, [["message", "afterwards"]]);
    assert.deepEqual(client.channels.asked("subscribe")[1], { topic: "chat/general" });
  });
});

import assert from "node:assert/strict";
import type { Channel } from "../../../../client/channels/channel.ts";
import type { FakeOperation } from "../../../support/fake-channels.ts";
import {
  FakeChannelClient,
  record,
  recordMessages,
  REJOIN_MS,
} from "../../../support/fake-channel-client.ts";

const TOPIC = "chat/general";
const isSubscribe = ({ name }: FakeOperation): boolean => name === "subscribe";

function recordOrder(channel: Channel): unknown[] {
  return record(channel, "message", "recovery", "resync");
}

function recovered(replayed: number): unknown {
  return ["recovery", { topic: TOPIC, recovered: true, replayed }];
}

describe("Channel after a reconnect", () => {
  it("asks for what came after the last publication seen", async () => {
    const client = new FakeChannelClient();
    await client.subscribed();
    client.publish("one");
    await client.settle();
    const since = client.channels.position(TOPIC);
    await client.dropAndReturn();
    assert.deepEqual(client.channels.asked("subscribe")[1], { topic: TOPIC, since });
  });

  it("is told recovery first, then what was missed, in order, then what is new", async () => {
    const client = new FakeChannelClient();
    const heard = recordOrder(await client.subscribed());
    client.publish("before");
    await client.settle();
    await client.dropAndReturn(() => {
      client.publish("missed 1");
      client.publish("missed 2");
    });
    client.publish("live");
    await client.settle();
    assert.deepEqual(heard, [
      ["message", "before"],
      recovered(2),
      ["message", "missed 1"],
      ["message", "missed 2"],
      ["message", "live"],
    ]);
  });

  it("is told recovery too when nothing was missed", async () => {
    const client = new FakeChannelClient();
    const heard = recordOrder(await client.subscribed());
    await client.dropAndReturn();
    assert.deepEqual(heard, [recovered(0)]);
  });

  it("is told resync when the window no longer holds everything, and goes on from there", async () => {
    const client = new FakeChannelClient();
    client.channels.window = 2;
    const heard = recordOrder(await client.subscribed());
    await client.dropAndReturn(() => {
      for (const data of [1, 2, 3]) client.publish(data);
    });
    client.publish("live");
    await client.settle();
    const recovery = { topic: TOPIC, recovered: false, replayed: 0 };
    assert.deepEqual(heard, [
      ["recovery", recovery],
      ["resync", recovery],
      ["message", "live"],
    ]);
  });

  it("is told resync when the epoch has changed, also if its offsets begin again", async () => {
    const client = new FakeChannelClient();
    const heard = recordOrder(await client.subscribed());
    for (const data of [1, 2, 3]) client.publish(data);
    await client.settle();
    await client.dropAndReturn(() => {
      client.channels.forget(TOPIC);
      client.publish("in the new epoch");
    });
    client.publish("live");
    await client.settle();
    const recovery = { topic: TOPIC, recovered: false, replayed: 0 };
    assert.deepEqual(heard.slice(3), [
      ["recovery", recovery],
      ["resync", recovery],
      ["message", "live"],
    ]);
  });

  it("is told resync after a restart that lost everything, and stays subscribed", async () => {
    const client = new FakeChannelClient();
    const heard = recordOrder(await client.subscribed());
    client.server.restart();
    await client.clock.advance(REJOIN_MS);
    client.publish("live");
    await client.settle();
    const recovery = { topic: TOPIC, recovered: false, replayed: 0 };
    assert.deepEqual(heard, [
      ["recovery", recovery],
      ["resync", recovery],
      ["message", "live"],
    ]);
  });

  it("knows its own publications among the replayed ones, also under a new session", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard: unknown[] = [];
    channel.on("message", ({ data, self }) => heard.push([data, self]));
    client.server.forgetSeats();
    client.server.lastSocket.pair.server.close(1006);
    await client.settle();
    client.publish("mine", TOPIC, { userId: "guest-1", sessionId: "session-1" });
    client.publish("theirs");
    await client.clock.advance(REJOIN_MS);
    assert.deepEqual(heard, [
      ["mine", true],
      ["theirs", false],
    ]);
    assert.equal(client.server.lastSeat.sessionId, "session-2");
  });

  it("restores every subscription, whoever holds it", async () => {
    const client = new FakeChannelClient();
    const topics = ["a", "b/c", "d"];
    const heard: unknown[][] = [];
    for (const topic of topics) heard.push(recordMessages(await client.subscribed(topic)));
    await client.dropAndReturn(() => {
      for (const topic of topics) client.publish(`missed on ${topic}`, topic);
    });
    assert.deepEqual(heard, [["missed on a"], ["missed on b/c"], ["missed on d"]]);
  });

  it("gives what was missed to those who were there, not to a handle that came meanwhile", async () => {
    const client = new FakeChannelClient();
    const there = recordOrder(await client.subscribed());
    let newcomer: unknown[] = [];
    await client.dropAndReturn(() => {
      client.publish("missed");
      newcomer = recordOrder(client.realtime.channel(TOPIC).subscribe());
    });
    client.publish("live");
    await client.settle();
    assert.deepEqual(there, [recovered(1), ["message", "missed"], ["message", "live"]]);
    assert.deepEqual(newcomer, [["message", "live"]]);
  });

  it("is not told of a return to a channel that was left meanwhile", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard = recordOrder(channel);
    await client.dropAndReturn(() => channel.unsubscribe());
    assert.deepEqual(heard, []);
    assert.equal(client.channels.asked("subscribe").length, 1);
  });

  it("reports CHANNEL_ERROR when it is no longer allowed", async () => {
    const client = new FakeChannelClient();
    const statuses: unknown[] = [];
    client.realtime.channel(TOPIC).subscribe((status, error) => statuses.push(error ?? status));
    await client.settle();
    client.channels.refuse = () => ({ code: "not-allowed", message: "no longer" });
    await client.dropAndReturn();
    assert.equal(statuses[0], "SUBSCRIBED");
    assert.equal((statuses[1] as { code: string }).code, "not-allowed");
    assert.equal(statuses.length, 2);
  });
});

describe("Channel between news and answers", () => {
  it("hears what is published between the subscription and its answer, once", async () => {
    const client = new FakeChannelClient();
    client.channels.holdAnswer = isSubscribe;
    const channel = client.realtime.channel(TOPIC).subscribe();
    const heard = recordMessages(channel);
    await client.settle();
    client.publish("early");
    await client.settle();
    assert.deepEqual(heard, [], "nothing before it is ready");
    client.channels.release();
    client.publish("live");
    await client.settle();
    assert.deepEqual(heard, ["early", "live"]);
  });

  it("hears what came both as news and as replay once, in order", async () => {
    const client = new FakeChannelClient();
    const heard = recordOrder(await client.subscribed());
    client.publish("before");
    await client.settle();
    const { room } = client.server;
    client.channels.hold = isSubscribe;
    await client.dropAndReturn(() => client.publish("missed"));
    // Subscribed already, as a game's own code can arrange, with the answer still to come.
    const { lastSeat: seat } = client.server;
    client.channels.topic(TOPIC).subscribers.set(seat, seat.pair);
    client.publish("on both ways");
    await client.settle();
    client.channels.release();
    client.channels.tell(room, {
      kind: "publication",
      topic: TOPIC,
      publication: client.channels.topic(TOPIC).log.at(-1)!,
    });
    client.publish("live");
    await client.settle();
    assert.deepEqual(heard, [
      ["message", "before"],
      recovered(2),
      ["message", "missed"],
      ["message", "on both ways"],
      ["message", "live"],
    ]);
  });

  it("tells what became of a message while it was away, once and in its place", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard = record(channel, "message", "revision", "recovery");
    const offsets: (number | undefined)[] = [];
    channel.on("*", ({ offset }) => offsets.push(offset));
    client.publish("said");
    const { room } = client.server;
    const [edited, deleted] = [{ edited_at: 2 }, { data: null, deleted_at: 3 }];
    await client.dropAndReturn(() => {
      client.publish("missed");
      client.channels.revise(room, TOPIC, edited);
      client.publish("missed, too");
    });
    client.channels.revise(room, TOPIC, deleted);
    for (const revision of client.channels.topic(TOPIC).revisions) {
      client.channels.tell(room, { kind: "revision", topic: TOPIC, revision });
    }
    await client.dropAndReturn();
    const messages = client.channels.topic(TOPIC).revisions.map(({ message }) => message);
    assert.deepEqual(heard, [
      ["message", "said"],
      recovered(2),
      ["message", "missed"],
      ["revision", messages[0]],
      ["message", "missed, too"],
      ["revision", messages[1]],
      recovered(0),
    ]);
    assert.deepEqual(offsets, [1, 2, 3, 4, 5]);
  });

  it("says that something is gone when a revision is", async () => {
    const client = new FakeChannelClient();
    const heard = record(await client.subscribed(), "revision", "resync");
    await client.dropAndReturn(() => {
      client.channels.revise(client.server.room, TOPIC, { edited_at: 2 });
      client.channels.topic(TOPIC).revisions = [];
    });
    const gone = { topic: TOPIC, recovered: false, replayed: 0 };
    assert.deepEqual(heard, [["resync", gone]]);
  });

  it("fetches a revision that was skipped", async () => {
    const client = new FakeChannelClient();
    const heard = record(await client.subscribed(), "message", "revision");
    const { room } = client.server;
    const { subscribers } = client.channels.topic(TOPIC);
    const all = [...subscribers];
    subscribers.clear();
    const { message } = client.channels.revise(room, TOPIC, { edited_at: 2 });
    for (const [seat, pair] of all) subscribers.set(seat, pair);
    client.publish("next");
    await client.settle();
    assert.deepEqual(heard, [
      ["revision", message],
      ["message", "next"],
    ]);
  });

  it("drops what comes twice while it is live", async () => {
    const client = new FakeChannelClient();
    const heard = recordMessages(await client.subscribed());
    client.publish("one");
    client.publish("two");
    for (const publication of client.channels.topic(TOPIC).log) {
      client.channels.tell(client.server.room, { kind: "publication", topic: TOPIC, publication });
    }
    await client.settle();
    assert.deepEqual(heard, ["one", "two"]);
  });

  it("fetches what is missing when an offset was skipped, and keeps the order", async () => {
    const client = new FakeChannelClient();
    const heard = recordOrder(await client.subscribed());
    const { subscribers } = client.channels.topic(TOPIC);
    const { lastSeat: seat } = client.server;
    subscribers.delete(seat);
    client.publish("lost on the way");
    subscribers.set(seat, seat.pair);
    client.publish("after the gap");
    client.publish("and another");
    await client.settle();
    assert.deepEqual(heard, [
      recovered(3),
      ["message", "lost on the way"],
      ["message", "after the gap"],
      ["message", "and another"],
    ]);
    assert.equal(client.channels.asked("subscribe").length, 2);
  });

  it("says so when what was skipped is gone", async () => {
    const client = new FakeChannelClient();
    client.channels.window = 1;
    const heard = recordOrder(await client.subscribed());
    const { subscribers } = client.channels.topic(TOPIC);
    const { lastSeat: seat } = client.server;
    subscribers.delete(seat);
    client.publish("lost for good");
    subscribers.set(seat, seat.pair);
    client.publish("after the gap");
    await client.settle();
    client.publish("live");
    await client.settle();
    const recovery = { topic: TOPIC, recovered: false, replayed: 0 };
    assert.deepEqual(heard, [
      ["recovery", recovery],
      ["resync", recovery],
      ["message", "live"],
    ]);
  });

  it("hears nothing of the subscription before, once another has begun", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    channel.unsubscribe();
    client.publish("too late");
    const heard = recordMessages(channel);
    await Promise.resolve();
    channel.subscribe();
    await client.settle();
    client.publish("live");
    await client.settle();
    assert.deepEqual(heard, ["live"]);
  });

  it("ignores the answer to a subscribe of the connection before", async () => {
    const client = new FakeChannelClient();
    client.channels.holdAnswer = () => client.channels.operations.length === 1;
    const statuses: string[] = [];
    client.realtime.channel(TOPIC).subscribe((status) => statuses.push(status));
    await client.settle();
    await client.dropAndReturn();
    assert.deepEqual(statuses, ["SUBSCRIBED"]);
    client.channels.release();
    await client.settle();
    assert.deepEqual(statuses, ["SUBSCRIBED"]);
  });

  it("tells nothing more to a handle that leaves in the middle of a replay", async () => {
    const client = new FakeChannelClient();
    const leaving = await client.subscribed();
    const staying = recordMessages(await client.subscribed());
    const heard: unknown[] = [];
    leaving.on("message", ({ data }) => {
      heard.push(data);
      if (data === 2) leaving.unsubscribe();
    });
    await client.dropAndReturn(() => {
      for (const data of [1, 2, 3]) client.publish(data);
    });
    assert.deepEqual(heard, [1, 2]);
    assert.deepEqual(staying, [1, 2, 3]);
  });

  it("survives a disconnect in the middle of a replay", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard: unknown[] = [];
    channel.on("message", ({ data }) => {
      heard.push(data);
      client.realtime.disconnect();
    });
    await client.dropAndReturn(() => {
      client.publish(1);
      client.publish(2);
    });
    assert.deepEqual(heard, [1]);
    assert.equal(client.clock.pendingTimers, 0);
  });
});

describe("Channel whose connection drops", () => {
  // Each step is one microtask: between any two of them the connection may be lost.
  it("hears everything once, at whatever point of the first subscribe that happens", async () => {
    for (let steps = 0; steps < 60; steps += 1) {
      const client = new FakeChannelClient();
      const statuses: string[] = [];
      const channel = client.realtime.channel(TOPIC).subscribe((status) => statuses.push(status));
      const heard = recordMessages(channel);
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      client.server.drop();
      await client.settle();
      await client.clock.advance(REJOIN_MS);
      client.publish("live");
      await client.settle();
      assert.deepEqual(heard, ["live"], `after ${steps} steps`);
      assert.equal(statuses.at(-1), "SUBSCRIBED", `after ${steps} steps`);
    }
  });

  it("hears everything once, at whatever point of a resubscribe that happens", async () => {
    for (let steps = 0; steps < 60; steps += 1) {
      const client = new FakeChannelClient();
      const heard = recordMessages(await client.subscribed());
      client.publish("before");
      await client.settle();
      client.server.drop();
      await client.settle();
      client.publish("missed");
      client.wakeSignals.wake();
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      client.server.drop();
      client.publish("missed as well");
      await client.settle();
      await client.clock.advance(2 * REJOIN_MS);
      client.publish("live");
      await client.settle();
      const expected = ["before", "missed", "missed as well", "live"];
      assert.deepEqual(heard, expected, `after ${steps} steps`);
    }
  });

  it("has said SUBSCRIBED only where it then loses nothing", async () => {
    for (let steps = 0; steps < 60; steps += 1) {
      const client = new FakeChannelClient();
      const channel = client.realtime.channel(TOPIC);
      const heard = recordMessages(channel);
      let published = 0;
      channel.subscribe(() => {
        published += 1;
        if (published === 1) client.publish("after SUBSCRIBED");
      });
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      client.server.drop();
      await client.clock.advance(2 * REJOIN_MS);
      assert.deepEqual(heard, ["after SUBSCRIBED"], `after ${steps} steps`);
    }
  });
});

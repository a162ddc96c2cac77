import assert from "node:assert/strict";
import type { SyncError } from "../../../../shared/errors.ts";
import type { RealtimePayload } from "../../../../shared/events/publication.ts";
import { FakeChannelClient, record, recordMessages } from "../../../support/fake-channel-client.ts";

describe("Channel.on", () => {
  it("delivers what others publish, stamped by the server", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard: RealtimePayload[] = [];
    channel.on("message", (payload) => heard.push(payload));
    client.publish({ text: "hi" });
    await client.settle();
    assert.deepEqual(heard, [
      {
        type: "event",
        topic: "chat/general",
        event: "message",
        data: { text: "hi" },
        id: "server-1",
        offset: 1,
        userId: "user-2",
        sessionId: "session-of-2",
        timestamp: client.channels.now,
        self: false,
      },
    ]);
  });

  it("delivers one's own publications as well, marked with self", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard: unknown[] = [];
    channel.on("message", ({ data, self, userId }) => heard.push([data, self, userId]));
    const [receipt] = await Promise.all([channel.publish("message", "mine"), client.settle()]);
    client.publish("theirs");
    await client.settle();
    assert.equal(receipt.offset, 1);
    assert.deepEqual(heard, [
      ["mine", true, "guest-1"],
      ["theirs", false, "user-2"],
    ]);
  });

  it("knows one's own publications by the session, not by the user", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard: boolean[] = [];
    channel.on("message", ({ self }) => heard.push(self));
    client.publish("from another tab", "chat/general", {
      userId: "guest-1",
      sessionId: "another-tab",
    });
    await client.settle();
    assert.deepEqual(heard, [false]);
  });

  it("does not hear its own with echo: false, while other handles do", async () => {
    const client = new FakeChannelClient();
    const quiet = await client.subscribed("chat/general", { echo: false });
    const other = await client.subscribed();
    const [one, two] = [recordMessages(quiet), recordMessages(other)];
    await Promise.all([quiet.publish("message", "mine"), client.settle()]);
    client.publish("theirs");
    await client.settle();
    assert.deepEqual([one, two], [["theirs"], ["mine", "theirs"]]);
    assert.deepEqual(client.channels.names, ["subscribe", "publish"], "no gap to be mended");
  });

  it("matches topics and events exactly", async () => {
    const client = new FakeChannelClient();
    const heard = recordMessages(await client.subscribed("test"));
    const other = recordMessages(await client.subscribed("my_test"));
    const proto = recordMessages(await client.subscribed("__proto__"));
    client.publish("to my_test", "my_test");
    client.publish("to test", "test");
    client.publish("to proto", "__proto__");
    client.channels.publish(client.server.room, "test", "Message", "another event");
    client.channels.publish(client.server.room, "test", "constructor", "yet another");
    await client.settle();
    assert.deepEqual(heard, ["to test"]);
    assert.deepEqual([other, proto], [["to my_test"], ["to proto"]]);
  });

  it("calls the listeners of the event first, then those of every event", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const calls: string[] = [];
    channel.on("*", ({ event }) => calls.push(`* ${event}`));
    channel.on("message", ({ event }) => calls.push(event));
    client.publish("hi");
    client.show("user-2", { name: "Bob" });
    await client.settle();
    assert.deepEqual(calls, ["message", "* message", "* presence:join"]);
  });

  it("can be chained, and undone by off", async () => {
    const client = new FakeChannelClient();
    const heard: string[] = [];
    const one = (): void => void heard.push("one");
    const two = (): void => void heard.push("two");
    const channel = client.realtime.channel("chat/general");
    channel.on("message", one).on("message", two).on("message", one).off("message", one);
    channel.off("message", () => undefined).off("other", two);
    channel.subscribe();
    await client.settle();
    client.publish("hi");
    await client.settle();
    assert.deepEqual(heard, ["two"]);
  });

  it("takes late listeners without any side effect", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.show("user-2", { name: "Bob" });
    await client.settle();
    const heard = record(channel, "message", "presence:join", "presence:sync", "*");
    await client.settle();
    client.publish("hi");
    await client.settle();
    assert.deepEqual(heard, [
      ["message", "hi"],
      ["message", "hi"],
    ]);
    assert.deepEqual(client.channels.names, ["subscribe"]);
  });

  it("isolates listeners and reports their errors through onError", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const errors: SyncError[] = [];
    channel.onError((error) => errors.push(error));
    channel.on("message", () => {
      throw new RangeError("a bug");
    });
    const heard = recordMessages(channel);
    client.publish("one");
    client.publish("two");
    await client.settle();
    assert.deepEqual(heard, ["one", "two"]);
    assert.equal(errors.length, 2);
    assert.equal(errors[0]?.code, "handler-failed");
    assert.ok(errors[0]?.cause instanceof RangeError);
    assert.match(errors[0]?.message ?? "", /chat\/general.*a bug/);
  });

  it("reports the errors of a status callback in the same way", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel("chat/general");
    const errors: unknown[] = [];
    channel.onError((error) => errors.push(error.cause));
    const bug = new Error("a bug");
    channel.subscribe(() => {
      throw bug;
    });
    const heard = recordMessages(channel);
    await client.settle();
    client.publish("hi");
    await client.settle();
    assert.deepEqual(errors, [bug]);
    assert.deepEqual(heard, ["hi"]);
  });

  it("delivers volatile publications, which have no place in the order", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard = record(channel, "typing", "message");
    client.publish("one");
    client.channels.publishVolatile(client.server.room, "chat/general", "typing", true);
    client.publish("two");
    await client.settle();
    assert.deepEqual(heard, [
      ["message", "one"],
      ["typing", true],
      ["message", "two"],
    ]);
  });

  it("tells of revised messages", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard = record(channel, "revision");
    const message = {
      id: "m1",
      room_id: "chat/general",
      user_id: "user-2",
      event: "message",
      data: "edited",
      created_at: 1,
      edited_at: 2,
      cursor: "1.1",
    };
    const topic = "chat/general";
    const revision = { offset: 1, message };
    client.channels.tell(client.server.room, { kind: "revision", topic, revision });
    await client.settle();
    assert.deepEqual(heard, [["revision", message]]);
  });

  for (const event of ["presence:join", "presence:leave", "recovery", "resync", "revision"]) {
    it(`does not take a publication called "${event}" for one`, async () => {
      const client = new FakeChannelClient();
      const channel = await client.subscribed();
      const heard = record(channel, event, "*");
      client.channels.publish(client.server.room, "chat/general", event, "forged");
      await client.settle();
      assert.deepEqual(heard, [[event, "forged"]], "only those of every event hear it");
    });
  }

  it("ignores news of no form that it knows", async () => {
    const client = new FakeChannelClient();
    const heard = recordMessages(await client.subscribed());
    const { room, lastSeat } = client.server;
    const topic = "chat/general";
    const nonsense = [
      null,
      5,
      {},
      { topic: 7 },
      { kind: "new", topic },
      { kind: "publication", topic },
      { kind: "publication", topic, publication: { data: "1" } },
      { kind: "publication", topic, publication: { event: "message", data: 1 } },
      { kind: "publication", topic, publication: { event: "message", data: "{" } },
      { kind: "publication", topic, publication: { event: "message", offset: "1", data: "1" } },
      { kind: "presence", topic, presence: { event: "presence:join", data: null } },
      { kind: "presence", topic, presence: { event: "presence:join", data: "{}" } },
      { kind: "revision", topic },
      { kind: "revision", topic, revision: { offset: 1, message: { data: 1 } } },
    ];
    for (const news of nonsense) room.send(lastSeat, "atrium:news", news);
    client.publish("hi");
    await client.settle();
    assert.deepEqual(heard, ["hi"]);
    assert.equal(client.realtime.status, "connected");
  });
});

describe("Channel payloads", () => {
  it("cannot be changed by one listener for another", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const errors: unknown[] = [];
    channel.onError(({ cause }) => errors.push(cause));
    channel.on("message", (payload) => {
      (payload as { topic: string }).topic = "another";
    });
    const topics: string[] = [];
    channel.on("message", ({ topic }) => topics.push(topic));
    client.publish("hi");
    await client.settle();
    assert.deepEqual(topics, ["chat/general"]);
    assert.ok(errors[0] instanceof TypeError);
  });
});

describe("Channel handles", () => {
  it("each have listeners of their own, whoever asked for the topic first", async () => {
    const client = new FakeChannelClient();
    const first = client.realtime.channel("chat/general");
    const second = client.realtime.channel("chat/general");
    assert.notEqual(first, second);
    const [one, two] = [recordMessages(first), recordMessages(second)];
    second.subscribe();
    await client.settle();
    client.publish("for the second");
    await client.settle();
    assert.deepEqual([one, two], [[], ["for the second"]]);
  });

  it("make one wire subscription in React's strict mode, and lose or double no callback", async () => {
    const client = new FakeChannelClient();
    await client.realtime.connect();
    const heard: unknown[] = [];
    const mount = (): (() => void) => {
      const channel = client.realtime.channel("chat/general");
      void channel.track({ name: "Ada" });
      channel
        .on("message", ({ data }) => heard.push(data))
        .on("presence:join", ({ data }) => heard.push(data.name))
        .subscribe();
      return () => {
        void channel.untrack();
        channel.unsubscribe();
      };
    };
    const unmount = mount();
    unmount();
    const unmountAgain = mount();
    await client.settle();
    client.publish("hi");
    await client.settle();
    assert.deepEqual(client.channels.names, ["subscribe"]);
    assert.deepEqual(heard, ["Ada", "hi"]);
    unmountAgain();
    await client.clock.advance(1_000);
    assert.deepEqual(client.channels.names.at(-1), "unsubscribe");
    assert.deepEqual(client.channels.members("chat/general"), []);
  });

  it("cost nothing on the wire in strict mode before the first connection either", async () => {
    const client = new FakeChannelClient();
    const mount = (): (() => void) => {
      const channel = client.realtime.channel("chat/general").subscribe();
      return () => channel.unsubscribe();
    };
    mount()();
    mount();
    await client.settle();
    assert.deepEqual(client.channels.names, ["subscribe"]);
    assert.equal(client.server.sockets.length, 1);
  });

  it("cost nothing on the wire in strict mode while others are subscribed", async () => {
    const client = new FakeChannelClient();
    const other = recordMessages(await client.subscribed());
    const channel = client.realtime.channel("chat/general").subscribe();
    channel.unsubscribe();
    const again = recordMessages(client.realtime.channel("chat/general").subscribe());
    await client.settle();
    client.publish("hi");
    await client.settle();
    assert.deepEqual([other, again], [["hi"], ["hi"]]);
    assert.deepEqual(client.channels.names, ["subscribe"]);
  });

  it("may come and go inside a callback, without end and without loss", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel("chat/general");
    const heard: unknown[] = [];
    const listen = (): void => {
      channel.on("message", ({ data }) => {
        heard.push(data);
        channel.unsubscribe();
        listen();
        channel.subscribe();
      });
    };
    listen();
    channel.subscribe();
    await client.settle();
    for (const data of [1, 2, 3]) {
      client.publish(data);
      await client.settle();
    }
    assert.deepEqual(heard, [1, 2, 3]);
    assert.deepEqual(client.channels.names, ["subscribe"]);
  });
});

import assert from "node:assert/strict";
import { Protocol } from "@colyseus/shared-types";
import { z } from "zod";
import type { ChannelPolicy } from "../../server/channels/channel-policy.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import { CHANNEL_NEWS_TYPE } from "../../shared/protocol/channel-messages.ts";
import { ChannelClient } from "../support/channel-client.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const TOPIC = "chat/general";
const channels: ChannelPolicy[] = [
  {
    pattern: "chat/*",
    publish: {
      message: z.object({ text: z.string().max(20) }),
      note: true,
      typing: { volatile: true },
    },
  },
  { pattern: "news/**" },
  { pattern: "team/*", publish: true, authorize: ({ channel, user }) => channel.endsWith(user.id) },
];

describe("a channel over the hub room", () => {
  let server: TestServer<RoomTable>;
  let ada: ChannelClient;
  let bob: ChannelClient;

  beforeEach(async () => {
    server = await startTestServer({ rooms: {}, channels });
    [ada, bob] = await Promise.all([ChannelClient.join(server), ChannelClient.join(server)]);
  });

  afterEach(() => server.close());

  async function subscribeBoth(topic = TOPIC): Promise<void> {
    await Promise.all([ada.ask("subscribe", { topic }), bob.ask("subscribe", { topic })]);
  }

  describe("publishing", () => {
    it("reaches every subscriber, the publisher too, with the server's stamps on it", async () => {
      await subscribeBoth();
      const before = Date.now();
      const receipt = await ada.publish(TOPIC, { text: "hi" }, { id: "my-key" });
      await bob.settle();
      assert.equal(receipt.offset, 1);
      assert.ok(receipt.timestamp >= before && receipt.timestamp <= Date.now());
      const publication = {
        ...receipt,
        event: "message",
        data: { text: "hi" },
        userId: ada.userId,
        sessionId: ada.sessionId,
      };
      assert.deepEqual(ada.publications(TOPIC), [publication]);
      assert.deepEqual(bob.publications(TOPIC), [publication]);
    });

    it("overwrites who, when, where and which a client claims it to be", async () => {
      await subscribeBoth();
      const forged = { userId: bob.userId, sessionId: bob.sessionId, timestamp: 1, offset: 99 };
      const receipt = await ada.publish(TOPIC, { text: "hi" }, { id: "1", ...forged });
      await bob.settle();
      const [publication] = bob.publications(TOPIC);
      assert.equal(publication?.userId, ada.userId);
      assert.equal(publication.sessionId, ada.sessionId);
      assert.equal(publication.offset, 1);
      assert.equal(publication.timestamp, receipt.timestamp);
      assert.notEqual(publication.id, "1");
    });

    it("is heard before it is answered, so that no receipt overtakes its publication", async () => {
      await ada.ask("subscribe", { topic: TOPIC });
      const from = ada.frames.frames.length;
      await ada.publish(TOPIC, { text: "hi" });
      const [first, second] = ada.frames.frames.slice(from);
      assert.equal(first?.type, CHANNEL_NEWS_TYPE);
      assert.equal(second?.code, Protocol.ROOM_RESPONSE);
    });

    it("is not heard by the session itself that wants no echo", async () => {
      await subscribeBoth();
      const tab = await ChannelClient.join(server, { token: ada.token });
      await tab.ask("subscribe", { topic: TOPIC });
      await ada.publish(TOPIC, { text: "hi" }, { echo: false });
      await Promise.all([ada.settle(), bob.settle(), tab.settle()]);
      assert.deepEqual(ada.heard(TOPIC), []);
      assert.deepEqual(bob.heard(TOPIC), [{ text: "hi" }]);
      assert.deepEqual(tab.heard(TOPIC), [{ text: "hi" }]);
    });

    it("keeps one order for everybody, 1, 2, 3, however many publish at once", async () => {
      await subscribeBoth();
      const publishers = [ada, bob, await ChannelClient.join(server)];
      const receipts = publishers.map((client, who) =>
        Promise.all(
          Array.from({ length: 20 }, (_, at) => client.publish(TOPIC, { text: `${who}/${at}` })),
        ),
      );
      const offsets = (await Promise.all(receipts)).map((each) =>
        each.map(({ offset }) => offset!),
      );
      await Promise.all([ada.settle(), bob.settle()]);
      const heard = ada.publications(TOPIC);
      assert.deepEqual(
        heard.map(({ offset }) => offset),
        Array.from({ length: 60 }, (_, at) => at + 1),
      );
      assert.deepEqual(bob.publications(TOPIC), heard);
      // Each publisher's own are in the order in which it sent them.
      for (const own of offsets)
        assert.deepEqual(
          own,
          own.toSorted((one, other) => one - other),
        );
    });

    it("keeps the order of one client across events with and without a schema", async () => {
      await subscribeBoth();
      const events = ["message", "note", "message", "note", "typing", "message"];
      await Promise.all(
        events.map((event, at) => ada.publish(TOPIC, { text: `${at}` }, { event })),
      );
      await bob.settle();
      assert.deepEqual(
        bob.publications(TOPIC).map(({ event }) => event),
        events,
      );
    });

    it("under one key is one publication, on whichever connection it comes again", async () => {
      await subscribeBoth();
      const tab = await ChannelClient.join(server, { token: ada.token });
      const again = { id: "my-key" };
      const receipts = await Promise.all([
        ada.publish(TOPIC, { text: "hi" }, again),
        ada.publish(TOPIC, { text: "hi" }, again),
        tab.publish(TOPIC, { text: "hi" }, again),
      ]);
      assert.equal(new Set(receipts.map(({ offset }) => offset)).size, 1);
      await bob.settle();
      assert.deepEqual(bob.heard(TOPIC), [{ text: "hi" }]);
      await bob.publish(TOPIC, { text: "mine" }, again);
      assert.deepEqual(bob.heard(TOPIC), [{ text: "hi" }, { text: "mine" }]);
    });

    it("needs no subscription, nor anybody who listens", async () => {
      assert.equal((await ada.publish(TOPIC, { text: "hi" })).offset, 1);
      await bob.ask("subscribe", { topic: TOPIC });
      await bob.settle();
      assert.deepEqual(bob.heard(TOPIC), []);
    });

    it("volatile has no offset and leaves no gap", async () => {
      await subscribeBoth();
      const receipt = await ada.publish(TOPIC, {}, { event: "typing" });
      assert.equal(receipt.offset, undefined);
      assert.equal((await ada.publish(TOPIC, { text: "hi" })).offset, 1);
      await bob.settle();
      assert.deepEqual(
        bob.publications(TOPIC).map(({ event, offset }) => [event, offset]),
        [
          ["typing", undefined],
          ["message", 1],
        ],
      );
    });
  });

  describe("what is not declared", () => {
    const operations: [string, object][] = [
      ["subscribe", {}],
      ["publish", { event: "message", data: { text: "hi" }, id: "1" }],
      ["track", { state: {} }],
      ["history", {}],
      ["edit", { id: "1", data: {} }],
      ["delete", { id: "1" }],
    ];

    it("is not allowed, whatever it is", async () => {
      for (const [name, given] of operations) {
        for (const topic of ["undeclared", "chat", "chat/a/b", "team/somebody"]) {
          const { code } = await ada.refusal(name, { topic, ...given });
          assert.equal(code, "not-allowed", `${name} ${topic}`);
        }
      }
    });

    it("is not allowed where only the server publishes", async () => {
      await ada.ask("subscribe", { topic: "news/today" });
      const { code } = await bob.refusal("publish", {
        topic: "news/today",
        event: "message",
        data: 1,
      });
      assert.equal(code, "not-allowed");
      await server.server.realtime.send("news/today", "official");
      await waitUntil(() => ada.heard("news/today").length > 0);
      assert.deepEqual(ada.heard("news/today"), ["official"]);
    });

    it("is open to whom authorize lets in", async () => {
      const topic = `team/${ada.userId}`;
      await ada.ask("subscribe", { topic });
      await ada.publish(topic, "mine");
      const { code, message } = await bob.refusal("subscribe", { topic });
      assert.equal(code, "not-allowed");
      assert.equal(message, `subscribe on "${topic}" is not allowed`);
      assert.deepEqual(ada.heard(topic), ["mine"]);
    });
  });

  it("refuses a payload that its schema does not take, and nobody hears of it", async () => {
    await subscribeBoth();
    for (const data of [{}, { text: 5 }, { text: "far too long to be said here" }, "text", null]) {
      const refused = await ada.refusal("publish", { topic: TOPIC, event: "message", data });
      assert.equal(refused.code, "payload-invalid");
    }
    await ada.publish(TOPIC, { text: "fit", more: "stripped" });
    await bob.settle();
    assert.deepEqual(bob.heard(TOPIC), [{ text: "fit" }]);
    assert.equal(bob.publications(TOPIC)[0]?.offset, 1);
  });

  it("is heard no more once it is unsubscribed, and again once it is subscribed", async () => {
    await subscribeBoth();
    await ada.publish(TOPIC, { text: "1" });
    await bob.ask("unsubscribe", { topic: TOPIC });
    await ada.publish(TOPIC, { text: "2" });
    const { position } = await bob.ask("subscribe", { topic: TOPIC });
    assert.equal(position.offset, 2);
    await ada.publish(TOPIC, { text: "3" });
    await bob.settle();
    assert.deepEqual(bob.heard(TOPIC), [{ text: "1" }, { text: "3" }]);
  });

  it("is heard once by a client that subscribes twice", async () => {
    await bob.ask("subscribe", { topic: TOPIC });
    await bob.ask("subscribe", { topic: TOPIC });
    await ada.publish(TOPIC, { text: "hi" });
    await bob.settle();
    assert.deepEqual(bob.heard(TOPIC), [{ text: "hi" }]);
  });

  it("is matched exactly: neither a longer name nor a shorter one", async () => {
    await subscribeBoth("chat/test");
    for (const topic of ["chat/my_test", "chat/tes", "news/chat/test"]) {
      await server.server.realtime.send(topic, topic);
    }
    await bob.settle();
    assert.deepEqual(bob.frames.news(), []);
  });

  describe("of the server's own code", () => {
    it("carries what realtime.send sends as event message, of nobody", async () => {
      await subscribeBoth();
      const message = { type: "score-update", score: 1_500 };
      const receipt = await server.server.realtime.send(TOPIC, message);
      await Promise.all([ada.settle(), bob.settle()]);
      assert.deepEqual(ada.publications(TOPIC), [{ ...receipt, event: "message", data: message }]);
      assert.deepEqual(bob.publications(TOPIC), ada.publications(TOPIC));
    });

    it("carries any event of socket.emit, to the channel that its third argument names", async () => {
      await ada.ask("subscribe", { topic: TOPIC });
      const receipt = await server.server.socket.emit("shipped", { order: 7 }, TOPIC);
      // A room of that id exists; it is a channel's name all the same.
      await server.server.socket.emit("shipped", { order: 8 }, ada.frames.seat.roomId);
      await ada.settle();
      assert.deepEqual(ada.publications(TOPIC), [
        { ...receipt, event: "shipped", data: { order: 7 } },
      ]);
    });

    it("comes in the order of the calls, each as it was when it was called", async () => {
      await ada.ask("subscribe", { topic: TOPIC });
      const score = { value: 0 };
      const sent = Array.from({ length: 50 }, () => {
        score.value += 1;
        return server.server.realtime.send(TOPIC, score);
      });
      await Promise.all(sent);
      await ada.settle();
      assert.deepEqual(
        ada.heard(TOPIC),
        Array.from({ length: 50 }, (_, at) => ({ value: at + 1 })),
      );
    });

    it("is refused like anybody's when it is no publication", async () => {
      const { socket, realtime } = server.server;
      await assert.rejects(realtime.send("no name", 1), { code: "topic-invalid" });
      await assert.rejects(realtime.send(TOPIC, undefined as never), { code: "payload-invalid" });
      await assert.rejects(socket.emit("presence:join", {}, TOPIC), { code: "payload-invalid" });
      const large = "a".repeat(1_048_575);
      await assert.rejects(realtime.send(TOPIC, large), { code: "payload-too-large" });
    });
  });
});

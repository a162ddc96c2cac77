import assert from "node:assert/strict";
import type { RealtimePayload } from "../../../client/aerostack/index.ts";
import { sdk } from "../../../server/aerostack/index.ts";
import { aerostack } from "../../../server/index.ts";
import { startTestServer } from "../../support/start-test-server.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { Person } from "./person.ts";

const options = { rooms: {}, channels: aerostack() };

describe("Aerostack's channels", () => {
  it("A1 give every call a handle of its own, over one subscription", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const [list, badge] = [ada.realtime.channel("chat/1"), ada.realtime.channel("chat/1")];
    const heard: string[] = [];
    list.on("message", () => heard.push("list")).subscribe();
    badge.on("message", () => heard.push("badge")).subscribe();
    await Promise.all([list.ready, badge.ready]);
    await sdk.socket.emit("message", 1, "chat/1");
    await waitUntil(() => heard.length === 2);
    list.unsubscribe();
    await sdk.socket.emit("message", 2, "chat/1");
    await waitUntil(() => heard.length === 3);
    assert.deepEqual(heard, ["list", "badge", "badge"]);
    assert.equal(ada.connections, 1);
  });

  it("A1 take the option to hear nothing of what they say themselves", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const heard: unknown[] = [];
    const channel = ada.realtime.channel("chat/1", { echo: false });
    channel.on("message", ({ data }) => heard.push(data)).subscribe();
    await channel.publish("message", "mine");
    await sdk.socket.emit("message", "somebody's", "chat/1");
    await waitUntil(() => heard.length === 1);
    assert.deepEqual(heard, ["somebody's"]);
  });

  it("A2 carry messages with a slash in their name, and without are tables that must exist", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const orders = ada.realtime.channel("orders");
    const told: unknown[] = [];
    orders.subscribe((status, error) => told.push([status, error?.code]));
    await assert.rejects(orders.ready, { code: "not-allowed" });
    assert.deepEqual(told, [["CHANNEL_ERROR", "not-allowed"]]);
    const closed = { code: "not-allowed" };
    await assert.rejects(orders.publish("INSERT", { id: 1 }), closed);
    await assert.rejects(orders.track({ at: 1 }), closed);
    await assert.rejects(orders.getHistory(), closed);
    await assert.rejects(sdk.socket.emit("INSERT", { id: 1 }, "orders"), closed);
    await ada.realtime.channel("shop/orders").subscribe().ready;
  });

  it("A3 call listeners by event, in order, and those for '*' with everything", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const heard: unknown[] = [];
    const channel = ada.realtime
      .channel("chat/1")
      .on("message", ({ data }) => heard.push(["message", data]))
      .on("typing", ({ data }) => heard.push(["typing", data]))
      .on("*", ({ event }) => heard.push(["*", event]))
      .subscribe();
    await channel.track({ name: "Ada" });
    await channel.publish("message", "hi");
    await channel.publish("typing", { name: "Ada" });
    await channel.publish("another", 1);
    await waitUntil(() => heard.some((each) => (each as string[])[1] === "another"));
    assert.deepEqual(heard, [
      ["*", "presence:join"],
      ["message", "hi"],
      ["*", "message"],
      ["typing", { name: "Ada" }],
      ["*", "typing"],
      ["*", "another"],
    ]);
  });

  it("A3 take listeners after subscribe() as well", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const channel = ada.realtime.channel("chat/1").subscribe();
    await channel.ready;
    const heard: unknown[] = [];
    channel.on("message", ({ data }) => heard.push(data));
    await channel.publish("message", "hi");
    await waitUntil(() => heard.length === 1);
  });

  it("A4 take off one listener and leave the others", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const heard: string[] = [];
    const first = (): unknown => heard.push("first");
    const second = (): unknown => heard.push("second");
    const channel = ada.realtime.channel("chat/1").on("message", first).on("message", second);
    assert.equal(channel.subscribe().off("message", first), channel);
    channel.off("typing", second);
    await channel.publish("message", 1);
    await waitUntil(() => heard.length === 1);
    assert.deepEqual(heard, ["second"]);
  });

  it("A5 hear nothing before subscribe(), and everything once after two of them", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const heard: unknown[] = [];
    const channel = ada.realtime.channel("chat/1").on("message", ({ data }) => heard.push(data));
    await channel.publish("message", "before");
    assert.equal(channel.subscribe().subscribe(), channel);
    await channel.ready;
    await channel.publish("message", "after");
    await channel.publish("message", "last");
    await waitUntil(() => heard.includes("last"));
    assert.deepEqual(heard, ["after", "last"]);
  });

  it("A6 forget their listeners at unsubscribe(), and call none of them again", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const heard: string[] = [];
    const channel = ada.realtime.channel("chat/1").on("message", () => heard.push("old"));
    channel.subscribe();
    await channel.publish("message", 1);
    await waitUntil(() => heard.length === 1);
    const arriving = sdk.socket.emit("message", 2, "chat/1");
    channel.unsubscribe();
    await arriving;
    channel.unsubscribe();
    channel.on("message", () => heard.push("new")).subscribe();
    await channel.ready;
    await channel.publish("message", 3);
    await waitUntil(() => heard.includes("new"));
    assert.deepEqual(heard, ["old", "new"]);
  });

  it("A7 publish to every subscriber, the publisher included, and say where it stands", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const heard: RealtimePayload<{ text: string }>[][] = [[], []];
    const channels = [ada, bob].map(({ realtime }, at) =>
      realtime
        .channel("chat/1")
        .on<{ text: string }>("message", (payload) => heard[at]?.push(payload))
        .subscribe(),
    );
    await Promise.all(channels.map(({ ready }) => ready));
    // No subscription is needed to publish.
    const note = { id: crypto.randomUUID(), user: "Ada", text: "Hi all", timestamp: Date.now() };
    const receipt = await ada.realtime.channel("chat/1").publish("message", note);
    await waitUntil(() => heard.every(({ length }) => length === 1));
    assert.deepEqual(
      heard.map(([payload]) => [payload?.data, payload?.self]),
      [
        [note, true],
        [note, false],
      ],
    );
    assert.deepEqual([receipt.id, receipt.offset], [heard[0]?.[0]?.id, 1]);
  });

  it("A7 keep what is published with persist, and nothing else", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const channel = ada.realtime.channel("chat/1");
    await channel.publish("message", "kept", { persist: true });
    await channel.publish("message", "passing");
    const history = await channel.getHistory();
    assert.deepEqual(
      history.map(({ data }) => data),
      ["kept"],
    );
  });

  it("A7 reject what cannot be published, with a code", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const channel = ada.realtime.channel("chat/1");
    await assert.rejects(channel.publish("message", { at: Number.NaN }), {
      code: "payload-invalid",
    });
    await assert.rejects(channel.publish("message", "x".repeat(1_048_577)), {
      code: "payload-too-large",
    });
    await assert.rejects(channel.publish("presence:join", {}), { code: "payload-invalid" });
  });

  it("A8 carry what the server emits, from nobody's user", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    await ada.realtime.connect();
    const userId = ada.realtime.user?.id;
    const heard: RealtimePayload[] = [];
    const feed = ada.realtime.channel(`notifications/${userId}`);
    feed.on("message", (payload) => heard.push(payload)).subscribe();
    await feed.ready;
    const note = { id: crypto.randomUUID(), user: "System", text: "Order 12 is on its way" };
    await sdk.socket.emit("message", note, `notifications/${userId}`);
    await waitUntil(() => heard.length === 1);
    assert.deepEqual([heard[0]?.data, heard[0]?.userId, heard[0]?.self], [note, undefined, false]);
  });

  it("A12 call listeners with the whole payload, stamped by the server", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    await ada.realtime.connect();
    const heard: RealtimePayload[] = [];
    const channel = ada.realtime.channel("chat/1").on("message", (each) => heard.push(each));
    channel.subscribe();
    const before = Date.now();
    const claims = { userId: "somebody-else", timestamp: 1, text: "hi" };
    await channel.publish("message", claims);
    await waitUntil(() => heard.length === 1);
    const { type, topic, event, data, userId, timestamp, operation, old } = heard[0]!;
    assert.deepEqual([type, topic, event, data], ["event", "chat/1", "message", claims]);
    assert.deepEqual([operation, old], [undefined, undefined]);
    assert.equal(userId, ada.realtime.user?.id);
    assert.ok(timestamp >= before - 1_000 && timestamp <= Date.now() + 1_000);
  });

  it("A32 tell that somebody types to those who are there, and keep none of it", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const heard: unknown[] = [];
    const his = bob.realtime.channel("chat/1").on("typing", ({ data }) => heard.push(data));
    await his.subscribe().ready;
    const hers = ada.realtime.channel("chat/1");
    const receipt = await hers.publish("typing", { name: "Ada" }, { persist: true });
    await waitUntil(() => heard.length === 1);
    assert.deepEqual(heard, [{ name: "Ada" }]);
    assert.equal(receipt.offset, undefined);
    assert.deepEqual(await hers.getHistory(), []);
  });
});

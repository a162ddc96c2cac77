import assert from "node:assert/strict";
import {
  createPatternsClient,
  type PatternsClient,
  type RealtimeEvent,
} from "../../../client/patterns/index.ts";
import { refusalOf } from "../../support/refusal-of.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { dataOf, eventOf, startPatternsServer, Visitor } from "./patterns-world.ts";

type UserEvent =
  | RealtimeEvent<{ readonly name: string }, "users.created">
  | RealtimeEvent<{ readonly id: number }, "users.removed">;

function createUsersClient(url: string): PatternsClient<UserEvent, UserEvent> {
  return createPatternsClient<UserEvent, UserEvent>(url);
}

describe("a program written for patterns' client", () => {
  it("P2 follows the topics of init, and only those", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users", "notifications");
    await server.broadcast("users", eventOf("users.created", 1));
    await server.broadcast("others", eventOf("others.created", 2));
    await server.broadcast("notifications", eventOf("notifications.sent", 3));
    await waitUntil(() => heard.length === 2);
    await visitor.client.init(["notifications", "others"]);
    await server.broadcast("users", eventOf("users.created", 4));
    await server.broadcast("others", eventOf("others.created", 5));
    await server.broadcast("notifications", eventOf("notifications.sent", 6));
    await waitUntil(() => heard.length === 4);
    assert.deepEqual(dataOf(heard), [1, 3, 5, 6]);
  });

  it("P2 refuses a topic that is none, and keeps what it follows", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users");
    for (const topic of ["", "a b", "users.*", "users.>"]) {
      assert.equal((await refusalOf(() => visitor.client.init([topic]))).code, "topic-invalid");
    }
    await server.broadcast("users", eventOf("users.created", 1));
    await waitUntil(() => heard.length === 1);
  });

  it("P2 resolves when events of all topics flow", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = visitor.record();
    await visitor.client.init(["users", "notifications"]);
    await Promise.all([
      server.broadcast("users", eventOf("users.created", 1)),
      server.broadcast("notifications", eventOf("notifications.sent", 2)),
    ]);
    await waitUntil(() => heard.length === 2);
  });

  it("P2 resolves an init that a later one overtakes, and rejects one that is cut short", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = visitor.record();
    const first = visitor.client.init(["users"]);
    const second = visitor.client.init(["notifications"]);
    await Promise.all([first, second]);
    await server.broadcast("users", eventOf("users.created", 1));
    await server.broadcast("notifications", eventOf("notifications.sent", 2));
    await waitUntil(() => heard.length === 1);
    assert.deepEqual(dataOf(heard), [2]);
    const cut = refusalOf(() => visitor.client.init(["others"]));
    await visitor.client.disconnect();
    assert.equal((await cut).code, "closed");
  });

  it("P3 has one emitter that hears all topics, by type", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    await visitor.client.init(["users", "notifications"]);
    const emitter = visitor.client.getEventEmitter();
    assert.equal(visitor.client.getEventEmitter(), emitter);
    const [created, all]: unknown[][] = [[], []];
    emitter.subscribe("thing.created", { update: ({ data }) => created?.push(data) });
    emitter.subscribe("*", { update: ({ data }) => all?.push(data) });
    assert.equal(emitter.hasObservers("thing.created"), true);
    await server.broadcast("users", eventOf("thing.created", 1));
    await server.broadcast("users", eventOf("thing.removed", 2));
    await server.broadcast("notifications", eventOf("thing.created", 3));
    await waitUntil(() => all?.length === 3);
    assert.deepEqual(
      [created, all],
      [
        [1, 3],
        [1, 2, 3],
      ],
    );
  });

  it("P4 takes observers that are objects with an update(event)", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    await visitor.client.init(["users"]);
    class NameList {
      readonly names: unknown[] = [];
      update({ data }: RealtimeEvent): void {
        this.names.push(data);
      }
    }
    const list = new NameList();
    const emitter = visitor.client.getEventEmitter();
    emitter.subscribe("users.created", list);
    emitter.subscribe("users.created", list);
    await visitor.client.publish("users", eventOf("users.created", "Ada"));
    await waitUntil(() => list.names.length > 0);
    emitter.unsubscribe("users.created", list);
    await visitor.client.publish("users", eventOf("users.created", "Bob"));
    assert.deepEqual(list.names, ["Ada"]);
  });

  it("P5 publishes to everybody, itself included, and resolves when the event has its place", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    const [hers, his] = [await ada.follow("users"), await bob.follow("users")];
    for (const count of [1, 2, 3]) await ada.client.publish("users", eventOf("count", count));
    await waitUntil(() => hers.length === 3 && his.length === 3);
    assert.deepEqual(
      [dataOf(hers), dataOf(his)],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    );
  });

  it("P5 publishes on a topic that it does not follow, before it was connected", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    const his = await bob.follow("users");
    await ada.client.publish("users", eventOf("hello", "Ada"));
    await waitUntil(() => his.length === 1);
    assert.deepEqual(dataOf(his), ["Ada"]);
  });

  it("P5 rejects while the connection is lost, and after disconnect", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    await visitor.follow("users");
    visitor.goOffline();
    await waitUntil(() => visitor.client.realtime.status === "reconnecting");
    const publish = (): Promise<void> => visitor.client.publish("users", eventOf("late"));
    assert.equal((await refusalOf(publish)).code, "disconnected");
    visitor.goOnline();
    await visitor.client.connect();
    await publish();
    await visitor.client.disconnect();
    assert.equal((await refusalOf(publish)).code, "closed");
  });

  it("P5 rejects what is no event, what is no JSON and what is too large", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const codeOf = async (event: unknown): Promise<string> =>
      (await refusalOf(() => visitor.client.publish("users", event as RealtimeEvent))).code;
    assert.equal(await codeOf(null), "payload-invalid");
    assert.equal(await codeOf({ data: 1 }), "payload-invalid");
    assert.equal(await codeOf({ ...eventOf("x"), timestamp: "yesterday" }), "payload-invalid");
    assert.equal(await codeOf({ ...eventOf("x"), metadata: [] }), "payload-invalid");
    assert.equal(await codeOf({ ...eventOf("x"), id: "i".repeat(65) }), "payload-invalid");
    assert.equal(await codeOf(eventOf("x", { at: new Date() })), "payload-invalid");
    assert.equal(await codeOf(eventOf("connection.established")), "payload-invalid");
    assert.equal(await codeOf(eventOf("x", "y".repeat(1_048_577))), "payload-too-large");
  });

  it("P6 gives an event its six fields, with a Date, and metadata where there is some", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    await ada.client.init(["users"]);
    const his = await bob.follow("users");
    const sent = { ...eventOf("users.message", { text: "hi" }), metadata: { page: "home" } };
    const before = Date.now();
    await ada.client.publish("users", sent);
    await waitUntil(() => his.length === 1);
    const { timestamp, clientId, ...others } = his[0]!;
    assert.ok(timestamp instanceof Date);
    assert.ok(timestamp.getTime() >= before && timestamp.getTime() <= Date.now());
    assert.equal(typeof clientId, "string");
    const { id, type, source, data, metadata } = sent;
    assert.deepEqual(others, { id, type, source, data, metadata });
  });

  it("P6 has source, time and client stamped by the server, whatever a client claims", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    const clientIds: unknown[] = [];
    const update = ({ data }: RealtimeEvent): unknown => clientIds.push(data);
    ada.client.getEventEmitter().subscribe("connection.established", { update });
    await ada.client.init(["users"]);
    const his = await bob.follow("users");
    const claimed = { source: "server", clientId: "somebody else", timestamp: new Date(0) };
    await ada.client.publish("users", { ...eventOf("forged"), ...claimed });
    await waitUntil(() => his.length === 1);
    const [{ clientId: herId } = {}] = clientIds as { clientId?: string }[];
    assert.equal(his[0]?.source, "client");
    assert.equal(his[0]?.clientId, herId);
    assert.notEqual(his[0]?.timestamp.getTime(), 0);
  });

  it("P6 takes the same id of one user for the same event, and of two users for two", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    const his = await bob.follow("users");
    const event = eventOf("once", "Ada");
    await ada.client.publish("users", event);
    await ada.client.publish("users", { ...event, data: "Ada again" });
    await bob.client.publish("users", { ...event, data: "Bob" });
    await waitUntil(() => his.length === 2);
    assert.deepEqual(dataOf(his), ["Ada", "Bob"]);
    assert.deepEqual(
      his.map(({ id }) => id),
      [event.id, event.id],
    );
  });

  it("P6 makes an id where a program gives none", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users");
    await visitor.client.publish("users", { type: "bare", data: 1 });
    await visitor.client.publish("users", { type: "bare", data: 1 });
    await waitUntil(() => heard.length === 2);
    assert.equal(new Set(heard.map(({ id }) => id)).size, 2);
    assert.ok(heard.every(({ id }) => id.length > 0));
  });

  it("P7 gives the topic's channel, the same one as long as it is followed", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const channel = visitor.client.subscribe("users");
    assert.equal(visitor.client.subscribe("users"), channel);
    await channel.connect();
    assert.equal(channel.getState(), "connected");
    const heard: unknown[] = [];
    const off = channel.on("users.created", ({ data }) => heard.push(data));
    await channel.publish(eventOf("users.created", 1));
    await waitUntil(() => heard.length === 1);
    off();
    await channel.publish(eventOf("users.created", 2));
    assert.deepEqual(heard, [1]);
    await visitor.client.unsubscribe("users");
    assert.notEqual(visitor.client.subscribe("users"), channel);
  });

  it("P8 hears nothing of a topic that it has unsubscribed from, and everything of others", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users", "notifications");
    const leaving = visitor.client.unsubscribe("users");
    await server.broadcast("users", eventOf("users.created", 1));
    await server.broadcast("notifications", eventOf("notifications.sent", 2));
    await leaving;
    await waitUntil(() => heard.length > 0);
    assert.deepEqual(dataOf(heard), [2]);
    await visitor.client.unsubscribe("never/followed");
  });

  it("P9 is over with disconnect until connect, with topics and observers kept", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users");
    await visitor.client.disconnect();
    assert.equal(visitor.client.realtime.status, "disconnected");
    assert.equal(visitor.client.subscribe("users").getState(), "disconnected");
    await server.broadcast("users", eventOf("users.created", 1));
    await visitor.client.connect();
    assert.equal(visitor.client.subscribe("users").getState(), "connected");
    await server.broadcast("users", eventOf("users.created", 2));
    await waitUntil(() => heard.length > 0);
    assert.deepEqual(dataOf(heard), [2]);
  });

  it("P9 follows on connect what was subscribed while it was disconnected", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = visitor.record();
    await visitor.client.disconnect();
    const channel = visitor.client.subscribe("users");
    assert.equal(channel.getState(), "disconnected");
    await visitor.client.connect();
    assert.equal(channel.getState(), "connected");
    await visitor.client.publish("users", eventOf("hello", 1));
    await waitUntil(() => heard.length === 1);
  });

  it("P9 waits in connect for the end of a loss", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    await visitor.follow("users");
    const channel = visitor.client.subscribe("users");
    visitor.goOffline();
    await waitUntil(() => channel.getState() === "connecting");
    const connected = visitor.client.connect();
    visitor.goOnline();
    await connected;
    assert.equal(channel.getState(), "connected");
  });

  it("P13 comes back after a loss, and hears in order what it missed, once", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    const heard = await ada.follow("users", "notifications");
    await bob.client.publish("users", eventOf("count", 1));
    await waitUntil(() => heard.length === 1);
    ada.goOffline();
    await waitUntil(() => ada.client.realtime.status === "reconnecting");
    await bob.client.publish("users", eventOf("count", 2));
    await bob.client.publish("users", eventOf("count", 3));
    ada.goOnline();
    await waitUntil(() => heard.length === 3);
    await bob.client.publish("users", eventOf("count", 4));
    await waitUntil(() => heard.length === 4);
    assert.deepEqual(dataOf(heard), [1, 2, 3, 4]);
  });

  it("P13 tells with connection.resync when what it missed is gone", async () => {
    const first = await startPatternsServer();
    const { port } = first;
    using visitor = new Visitor(first);
    const heard = await visitor.follow("users");
    await visitor.client.publish("users", eventOf("count", 1));
    await waitUntil(() => heard.length === 1);
    await first.stop();
    await using second = await startPatternsServer({ port });
    visitor.goOnline();
    await waitUntil(() => heard.length === 2);
    assert.equal(heard[1]?.type, "connection.resync");
    assert.deepEqual(heard[1]?.data, { topic: "users", recovered: false, replayed: 0 });
    await second.broadcast("users", eventOf("count", 2));
    await waitUntil(() => heard.length === 3);
  });

  it("P14 hands typed events to typed observers and handlers", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const { client, url } = visitor;
    await client.init([]);
    const typed = createUsersClient(url);
    const names: string[] = [];
    typed.getEventEmitter().subscribe("users.created", {
      update: ({ data }) => names.push(data.name.toUpperCase()),
    });
    typed.subscribe("users").on({ type: "users.removed" }, ({ data }) => {
      names.push(`not ${data.id.toFixed(1)}`);
    });
    await typed.connect();
    await typed.publish("users", { type: "users.created", data: { name: "Ada" } });
    await typed.publish("users", { type: "users.removed", data: { id: 7 } });
    await waitUntil(() => names.length === 2);
    assert.deepEqual(names, ["ADA", "not 7.0"]);
    await typed.disconnect();
  });
});

import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RealtimeEvent } from "../../../client/patterns/index.ts";
import { createServer } from "../../../server/create-server.ts";
import {
  RealtimeServerFactory,
  type ServerEvents,
  type PatternsServer,
} from "../../../server/patterns/index.ts";
import { patterns } from "../../../server/policies/patterns-policy.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { refusalOf } from "../../support/refusal-of.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { dataOf, eventOf, QUIET, startPatternsServer, Visitor } from "./patterns-world.ts";

type Told = { [Name in keyof ServerEvents]: [Name, ServerEvents[Name]] }[keyof ServerEvents][];

function recordEvents(server: PatternsServer): Told {
  const told: Told = [];
  server.on("client.connected", (data) => told.push(["client.connected", data]));
  server.on("client.disconnected", (data) => told.push(["client.disconnected", data]));
  server.on("message.received", (data) => told.push(["message.received", data]));
  return told;
}

/** What the server calls this visitor, who follows the topics from now on. */
async function introduce(visitor: Visitor, ...topics: string[]): Promise<string> {
  const ids: string[] = [];
  const update = ({ data }: RealtimeEvent): unknown =>
    ids.push((data as { clientId: string }).clientId);
  visitor.client.getEventEmitter().subscribe("connection.established", { update });
  await visitor.client.init(topics);
  await waitUntil(() => ids.length === topics.length);
  assert.equal(new Set(ids).size, 1);
  return ids[0]!;
}

describe("a program written for patterns' server", () => {
  it("P10 makes a websocket server by type, by environment and by default", () => {
    const before = process.env["REALTIME_SERVER_TYPE"];
    try {
      for (const type of ["websocket", "", undefined]) {
        if (type === undefined) delete process.env["REALTIME_SERVER_TYPE"];
        else process.env["REALTIME_SERVER_TYPE"] = type;
        assert.equal(typeof RealtimeServerFactory.create().start, "function");
        assert.equal(typeof RealtimeServerFactory.create({ type: "websocket" }).start, "function");
      }
    } finally {
      delete process.env["REALTIME_SERVER_TYPE"];
      if (before !== undefined) process.env["REALTIME_SERVER_TYPE"] = before;
    }
  });

  it("P10 refuses a type that there is not, and says of a planned one that it is to come", async () => {
    const unknown = await refusalOf(() => RealtimeServerFactory.create({ type: "carrier-pigeon" }));
    assert.equal(unknown.code, "options-invalid");
    assert.match(unknown.message, /carrier-pigeon.*websocket/);
    const planned = await refusalOf(() => RealtimeServerFactory.create({ type: "nats" }));
    assert.equal(planned.code, "options-invalid");
    assert.match(planned.message, /nats.*not built yet.*websocket/);
  });

  it("P10 attaches to an HTTP server that there is already, and leaves it open", async () => {
    const httpServer = createHttpServer((_request, response) => response.end("the page"));
    await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
    const { port } = httpServer.address() as AddressInfo;
    const server = RealtimeServerFactory.create({ attachTo: httpServer, ...QUIET });
    await server.start();
    using visitor = new Visitor({ port });
    const heard = await visitor.follow("users");
    await server.broadcast("users", eventOf("users.update", 1));
    await waitUntil(() => heard.length === 1);
    await server.stop();
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "the page");
    httpServer.closeAllConnections();
    await new Promise((resolve) => httpServer.close(resolve));
  });

  it("P10 attaches to an Atrium server, and leaves it as it is", async () => {
    const atrium = createServer({ rooms: {}, channels: patterns(), ...QUIET });
    await atrium.listen(0, "127.0.0.1");
    const server = RealtimeServerFactory.create({ attachTo: atrium });
    await server.start();
    const told = recordEvents(server);
    using visitor = new Visitor(atrium);
    const heard = await visitor.follow("users");
    await server.broadcast("users", eventOf("users.update", 1));
    await waitUntil(() => heard.length === 1);
    await server.stop();
    assert.deepEqual(
      told.map(([name]) => name),
      ["client.connected"],
    );
    await visitor.client.publish("users", eventOf("hello", 2));
    await waitUntil(() => heard.length === 2);
    assert.equal(told.length, 1);
    await atrium.close();
  });

  it("P10 refuses options that an attached server would not heed", async () => {
    const httpServer = createHttpServer();
    const atrium = createServer({ rooms: {}, ...QUIET });
    for (const options of [
      { attachTo: httpServer, port: 3030 },
      { attachTo: httpServer, host: "localhost" },
      { attachTo: atrium, port: 3030 },
      { attachTo: atrium, limits: { maxConnections: 1 } },
      { attachTo: atrium, auth: { validateToken: () => true } },
    ]) {
      const refusal = await refusalOf(() => RealtimeServerFactory.create(options));
      assert.equal(refusal.code, "options-invalid");
    }
    await atrium.close();
  });

  it("P11 starts and stops, again and again, and broadcasts only in between", async () => {
    const server = RealtimeServerFactory.create({ port: 0, host: "127.0.0.1", ...QUIET });
    const broadcast = (): Promise<void> => server.broadcast("users", eventOf("users.update", 1));
    assert.equal((await refusalOf(broadcast)).code, "closed");
    for (let round = 0; round < 2; round += 1) {
      await Promise.all([server.start(), server.start()]);
      using visitor = new Visitor(server);
      const heard = await visitor.follow("users");
      await broadcast();
      await waitUntil(() => heard.length === 1);
      await Promise.all([server.stop(), server.stop()]);
      assert.equal((await refusalOf(broadcast)).code, "closed");
    }
  });

  it("P11 says that a port is taken, and can be started later", async () => {
    const blocker = createHttpServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as AddressInfo;
    const server = RealtimeServerFactory.create({ port, host: "127.0.0.1", ...QUIET });
    await assert.rejects(server.start(), { code: "EADDRINUSE" });
    await new Promise((resolve) => blocker.close(resolve));
    await server.start();
    assert.equal(server.port, port);
    await server.stop();
  });

  it("P11 broadcasts to everybody who listens to the topic, with what it says of the event", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    const [hers, his] = [await ada.follow("users"), await bob.follow("others")];
    const event = {
      ...eventOf("users.update", { message: "Important update!" }),
      source: "billing",
    };
    const timestamp = new Date("2026-01-02T03:04:05.678Z");
    await server.broadcast("users", { ...event, timestamp });
    await server.broadcast("users", { ...event, timestamp });
    await server.broadcast("others", { type: "bare", data: 1 });
    await waitUntil(() => hers.length === 1 && his.length === 1);
    assert.deepEqual(hers, [{ ...event, timestamp }]);
    const [bare] = his;
    assert.deepEqual([bare?.source, bare?.clientId, bare?.data], ["server", undefined, 1]);
    assert.ok((bare?.id.length ?? 0) > 0);
  });

  it("P11 sends to one client alone, on one of its topics", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    const [hers, his] = [ada.record(), bob.record()];
    const herId = await introduce(ada, "users", "notifications");
    await introduce(bob, "users");
    const event = { ...eventOf("whisper", "for Ada"), source: "server" };
    await server.sendToClient(herId, event);
    await server.broadcast("users", eventOf("users.update", "for all"));
    await waitUntil(() => hers.length === 2 && his.length === 1);
    assert.deepEqual(hers[0], event);
    assert.deepEqual([dataOf(hers), dataOf(his)], [["for Ada", "for all"], ["for all"]]);
  });

  it("P11 rejects what is sent to a client that is not there or listens to nothing", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const clientId = await introduce(visitor, "users");
    const send = (id: string): Promise<void> => server.sendToClient(id, eventOf("whisper"));
    assert.equal((await refusalOf(() => send("nobody"))).code, "not-found");
    await visitor.client.unsubscribe("users");
    assert.equal((await refusalOf(() => send(clientId))).code, "not-found");
    await visitor.client.disconnect();
    await waitUntil(() => server.getStats().connectedClients === 0);
    assert.equal((await refusalOf(() => send(clientId))).code, "not-found");
  });

  it("P11 counts clients, topics and messages, and how long it is up", async () => {
    const clock = new FakeClock();
    const turning = setInterval(() => clock.advanceSync(0), 1);
    const server = await startPatternsServer({ clock });
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    assert.deepEqual(Object.values(server.getStats()), [0, 0, 0, 0, 0]);
    const herId = await introduce(ada, "users", "notifications");
    await introduce(bob, "users");
    await ada.client.publish("users", eventOf("hello"));
    await server.broadcast("notifications", eventOf("note"));
    await server.sendToClient(herId, eventOf("whisper"));
    clock.advanceSync(5_000);
    assert.deepEqual(server.getStats(), {
      connectedClients: 2,
      totalTopics: 2,
      // Three greetings, two of the hello, the note and the whisper.
      messagesSent: 7,
      messagesReceived: 1,
      uptime: 5_000,
    });
    await ada.client.disconnect();
    await waitUntil(() => server.getStats().connectedClients === 1);
    assert.equal(server.getStats().totalTopics, 1);
    await server.stop();
    clearInterval(turning);
    assert.deepEqual(Object.values(server.getStats()), [0, 0, 0, 0, 0]);
  });

  it("P12 tells who came, what arrived and who went, with their data", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const told = recordEvents(server);
    const clientId = await introduce(visitor, "users", "notifications");
    const sent = eventOf("users.message", { message: "Hello from client!" });
    await visitor.client.publish("users", sent);
    await waitUntil(() => told.length === 2);
    await visitor.client.disconnect();
    await waitUntil(() => told.length === 3);
    const times = told.map(([, data]) => data.timestamp);
    assert.ok(times.every((time) => time instanceof Date));
    const [connected, received, disconnected] = told.map(
      ([name, { timestamp: _timestamp, ...data }]) => [name, data],
    );
    const metadata = { ip: "127.0.0.1" };
    assert.deepEqual(connected, ["client.connected", { clientId, topic: "users", metadata }]);
    const message = { ...sent, timestamp: times[1], clientId };
    assert.deepEqual(received, ["message.received", { clientId, topic: "users", message }]);
    const topics = ["users", "notifications"];
    assert.deepEqual(disconnected, ["client.disconnected", { clientId, topics }]);
  });

  it("P12 greets a client with connection.established before it hears anything else", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard: RealtimeEvent[] = [];
    visitor.client.getEventEmitter().subscribe("*", { update: (event) => heard.push(event) });
    server.on("client.connected", ({ topic }) => void server.broadcast(topic, eventOf("welcome")));
    await visitor.client.init(["users"]);
    await waitUntil(() => heard.length === 2);
    const [first, second] = heard;
    assert.deepEqual([first?.type, first?.source], ["connection.established", "server"]);
    const { clientId } = first!.data as { clientId: string };
    assert.deepEqual(first!.data, { clientId, subscribedTopic: "users" });
    assert.equal(second?.type, "welcome");
  });

  it("P12 tells of a lost connection and of the same client's return", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const clientId = await introduce(visitor, "users");
    const told = recordEvents(server);
    visitor.goOffline();
    await waitUntil(() => told.length === 1);
    visitor.goOnline();
    await waitUntil(() => told.length === 2);
    assert.deepEqual(
      told.map(([name, data]) => [name, data.clientId]),
      [
        ["client.disconnected", clientId],
        ["client.connected", clientId],
      ],
    );
  });

  it("P12 tells no handler of another's error, and none that was taken away", async () => {
    const errors: unknown[] = [];
    const logger = {
      ...QUIET.logger,
      error: (_text: string, error?: unknown) => errors.push(error),
    };
    await using server = await startPatternsServer({ logger });
    using visitor = new Visitor(server);
    const fault = new Error("a handler's own");
    const calls: string[] = [];
    server.on("client.connected", () => {
      throw fault;
    });
    const off = server.on("client.connected", () => calls.push("taken away"));
    server.on("client.connected", () => calls.push("there"));
    off();
    await introduce(visitor, "users");
    assert.deepEqual([calls, errors], [["there"], [fault]]);
    const unknown = await refusalOf(() => server.on("client.confused" as never, () => undefined));
    assert.equal(unknown.code, "options-invalid");
  });
});

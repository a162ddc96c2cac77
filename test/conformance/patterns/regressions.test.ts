import assert from "node:assert/strict";
import {
  EventEmitter,
  type RealtimeEvent,
  RealtimeProvider,
} from "../../../client/patterns/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { refusalOf } from "../../support/refusal-of.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { dataOf, eventOf, startPatternsServer, Visitor } from "./patterns-world.ts";

const SOON = { initialDelayMs: 5, maxDelayMs: 5 };

describe("weaknesses of patterns that are not here", () => {
  it("publish reaches nobody: here everybody hears it, and the server counts it", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    const his = await bob.follow("users");
    const received: unknown[] = [];
    server.on("message.received", ({ message }) => received.push(message.data));
    await ada.client.publish("users", eventOf("hello", "from Ada"));
    await waitUntil(() => his.length === 1);
    assert.deepEqual(received, ["from Ada"]);
    assert.equal(server.getStats().messagesReceived, 1);
  });

  it("everything arrives twice, and more often after reconnects: here it arrives once", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users");
    for (let round = 0; round < 3; round += 1) {
      visitor.goOffline();
      await waitUntil(() => visitor.client.realtime.status === "reconnecting");
      visitor.goOnline();
      await visitor.client.connect();
      await visitor.client.connect();
      await visitor.client.init(["users"]);
      await visitor.client.publish("users", eventOf("count", round));
    }
    await server.broadcast("users", eventOf("count", "last"));
    await waitUntil(() => heard.length >= 4);
    assert.deepEqual(dataOf(heard), [0, 1, 2, "last"]);
  });

  it("a drop with an error before it is the end: here it is one as any other", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users");
    const [socket] = visitor.sockets;
    socket?.emit("error", new Error("reset by peer"));
    visitor.goOffline();
    await waitUntil(() => visitor.client.realtime.status === "reconnecting");
    visitor.goOnline();
    await visitor.client.connect();
    await server.broadcast("users", eventOf("count", 1));
    await waitUntil(() => heard.length === 1);
  });

  it("a first attempt that fails is the last: here a client waits for its server", async () => {
    const first = await startPatternsServer();
    const { port } = first;
    await first.stop();
    using visitor = new Visitor({ port }, { reconnect: SOON });
    const heard = visitor.record();
    const connected = visitor.client.init(["users"]);
    await waitUntil(() => visitor.attempts > 3);
    await using server = await startPatternsServer({ port });
    await connected;
    await server.broadcast("users", eventOf("count", 1));
    await waitUntil(() => heard.length === 1);
  });

  it("close() while it waits to reconnect is forgotten: here it is final", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users", "others");
    const channel = visitor.client.subscribe("users");
    visitor.goOffline();
    await waitUntil(() => channel.getState() === "connecting");
    await channel.close();
    visitor.goOnline();
    await visitor.client.subscribe("others").connect();
    await server.broadcast("users", eventOf("count", 1));
    await server.broadcast("others", eventOf("count", 2));
    await waitUntil(() => heard.length > 0);
    assert.equal(channel.getState(), "disconnected");
    assert.deepEqual(dataOf(heard), [2]);
  });

  it("disconnect() while it waits to reconnect is forgotten: here nothing is tried any more", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    await visitor.follow("users");
    visitor.goOffline();
    await waitUntil(() => visitor.client.realtime.status === "reconnecting");
    await visitor.client.disconnect();
    const { attempts } = visitor;
    visitor.goOnline();
    await waitUntil(() => server.getStats().connectedClients === 0);
    assert.deepEqual([visitor.attempts, visitor.sockets.length], [attempts, 1]);
    assert.equal(visitor.client.subscribe("users").getState(), "disconnected");
  });

  it("object selectors match nothing: here they match what they say", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const channel = visitor.client.subscribe("users");
    const heard: string[] = [];
    channel.on({ source: "server" }, ({ type }) => type === "a" && heard.push("source"));
    channel.on({ source: "server", type: "a" }, () => heard.push("both"));
    channel.on({ source: "client", type: "a" }, () => heard.push("another source"));
    await channel.connect();
    await server.broadcast("users", { type: "a", data: null });
    await waitUntil(() => heard.length === 2);
    assert.deepEqual(heard, ["source", "both"]);
  });

  it("a publish before the subscribe makes the emitter deaf: here it hears the topic", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    await visitor.client.publish("users", eventOf("count", 1));
    const heard = await visitor.follow("users");
    await visitor.client.publish("users", eventOf("count", 2));
    await waitUntil(() => heard.length === 1);
    assert.deepEqual(dataOf(heard), [2]);
  });

  it("auth is declared and never looked at: here only those come in whom it knows", async () => {
    const auth = { enabled: true, validateToken: (token: string) => token === "the right one" };
    await using server = await startPatternsServer({ auth });
    for (const options of [{}, { authToken: "a wrong one" }]) {
      using stranger = new Visitor(server, options);
      const refusal = await refusalOf(() => stranger.client.init(["users"]));
      assert.equal(refusal.code, "auth-failed");
    }
    using friend = new Visitor(server, { authToken: "the right one" });
    await friend.client.init(["users"]);
    assert.equal(server.getStats().connectedClients, 1);
  });

  it("the token stands in the address: here no address has one", async () => {
    const addresses: string[] = [];
    const { fetch } = globalThis;
    const auth = { validateToken: () => true };
    await using server = await startPatternsServer({ auth });
    using visitor = new Visitor(server, {
      authToken: "secret-token",
      fetch: (input, init) => {
        addresses.push(input as string);
        return fetch(input, init);
      },
    });
    await visitor.client.init(["users"]);
    addresses.push(...visitor.sockets.map(({ url }) => url));
    assert.equal(addresses.length, 2);
    assert.deepEqual(
      addresses.filter((each) => each.includes("secret-token")),
      [],
    );
  });

  it("anybody ends anybody's connection by its id: here that is one more event", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using mallory = new Visitor(server);
    const hers = await ada.follow("users", "control.disconnect");
    const ids: string[] = [];
    server.on("message.received", ({ clientId }) => ids.push(clientId));
    await ada.client.publish("users", eventOf("hello"));
    const attack = eventOf("control.disconnect", { clientId: ids[0], topic: "users" });
    await mallory.client.publish("control.disconnect", attack);
    await mallory.client.publish("users", eventOf("hello"));
    await waitUntil(() => hers.length === 3);
    assert.equal(ada.sockets.length, 1);
  });

  it("a client says that it is the server: here what says so falsely is not heard", async () => {
    await using server = await startPatternsServer();
    using ada = new Visitor(server);
    using mallory = new Visitor(server);
    const hers = ada.record();
    await ada.client.init(["users"]);
    const greetings: unknown[] = [];
    const update = ({ data }: RealtimeEvent): unknown => greetings.push(data);
    ada.client.getEventEmitter().subscribe("connection.established", { update });
    const core = mallory.client.realtime.channel("users");
    await core.publish("connection.established", { clientId: "mallory's" });
    await core.publish("hello", { $patterns: 1, source: "server", timestamp: 0, data: "hi" });
    await waitUntil(() => hers.length === 1);
    assert.deepEqual(greetings, []);
    assert.deepEqual([hers[0]?.source, hers[0]?.data], ["client", "hi"]);
    assert.notEqual(hers[0]?.timestamp.getTime(), 0);
  });

  it("limits are declared and never looked at: maxConnections turns away who is too much", async () => {
    await using server = await startPatternsServer({ limits: { maxConnections: 1 } });
    using ada = new Visitor(server);
    using bob = new Visitor(server);
    await ada.client.init(["users"]);
    const refusal = await refusalOf(() => bob.client.init(["users"]));
    assert.equal(refusal.code, "room-full");
    assert.match(refusal.message, /no more than 1 connections/);
    await ada.client.disconnect();
    await waitUntil(() => server.getStats().connectedClients === 0);
    await bob.client.init(["users"]);
    assert.equal(server.getStats().connectedClients, 1);
  });

  it("limits are declared and never looked at: maxTopicsPerClient refuses one too many", async () => {
    await using server = await startPatternsServer({ limits: { maxTopicsPerClient: 2 } });
    using visitor = new Visitor(server);
    const heard = await visitor.follow("a", "b");
    const channel = visitor.client.subscribe("c");
    assert.equal((await refusalOf(() => channel.connect())).code, "channel-limit");
    assert.equal(channel.getState(), "error");
    await server.broadcast("a", eventOf("count", 1));
    await waitUntil(() => heard.length === 1);
    assert.equal(visitor.sockets.length, 1);
  });

  it("limits are declared and never looked at: messageRateLimit refuses more than it says", async () => {
    await using server = await startPatternsServer({ limits: { messageRateLimit: 5 } });
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users");
    const attempts = Array.from({ length: 12 }, (_, count) =>
      visitor.client.publish("users", eventOf("count", count)).then(
        () => "published",
        ({ code, retryAfterMs }) => `${code} ${retryAfterMs > 0}`,
      ),
    );
    const outcomes = await Promise.all(attempts);
    const published = outcomes.filter((each) => each === "published");
    assert.ok(published.length >= 5 && published.length <= 7, outcomes.join());
    assert.deepEqual(
      new Set(outcomes.filter((each) => each !== "published")),
      new Set(["rate-limited true"]),
    );
    await waitUntil(() => heard.length === published.length);
    assert.equal(visitor.sockets.length, 1);
  });

  it("a timestamp is a string after the wire: here it is a Date at both ends", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users");
    const times: unknown[] = [];
    server.on("message.received", ({ message }) => times.push(message.timestamp));
    await visitor.client.publish("users", eventOf("hello"));
    await waitUntil(() => heard.length === 1);
    assert.ok(heard[0]?.timestamp instanceof Date);
    assert.deepEqual(times, [heard[0]?.timestamp]);
  });

  it("0 attempts mean any number: here they mean none", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server, { reconnect: { enabled: true, maxAttempts: 0 } });
    await visitor.follow("users");
    const channel = visitor.client.subscribe("users");
    const { attempts } = visitor;
    visitor.goOffline();
    await waitUntil(() => channel.getState() === "error");
    visitor.goOnline();
    assert.equal(visitor.attempts, attempts);
    await visitor.client.connect();
    assert.equal(channel.getState(), "connected");
  });

  it("a provider's reconnecting overrides a channel's: here the channel's own counts", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const provider = new RealtimeProvider(visitor.url, visitor.options);
    const usual = provider.createChannel("users");
    const final = provider.createChannel("users", { reconnect: { enabled: false } });
    await Promise.all([usual.connect(), final.connect()]);
    for (const socket of visitor.sockets) socket.terminate();
    await waitUntil(() => final.getState() === "error");
    visitor.goOnline();
    await usual.connect();
    assert.deepEqual([usual.getState(), final.getState()], ["connected", "error"]);
    await provider.disconnect();
  });

  it("a quiet client is dropped after five minutes: here it stays", async () => {
    const clock = new FakeClock();
    const turning = setInterval(() => clock.advanceSync(0), 1);
    const server = await startPatternsServer({ clock });
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users");
    clock.advanceSync(3_600_000);
    await server.broadcast("users", eventOf("count", 1));
    await waitUntil(() => heard.length === 1);
    assert.equal(visitor.sockets.length, 1);
    await server.stop();
    clearInterval(turning);
  });

  it("a topic with a dot is heard by nobody: here it is a topic as any other, and exact", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("system.alerts", "alerts", "system");
    await server.broadcast("system.alerts", eventOf("fire", 1));
    await server.broadcast("system.alerts.more", eventOf("fire", 2));
    await server.broadcast("alerts", eventOf("fire", 3));
    await waitUntil(() => heard.length === 2);
    assert.deepEqual(dataOf(heard), [1, 3]);
  });

  it("wildcards of the transport are taken for topics: here they are refused on both sides", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    for (const topic of ["*", ">", "users.*", "users.>"]) {
      const attempts = [
        () => visitor.client.subscribe(topic),
        () => visitor.client.publish(topic, eventOf("x")),
        () => server.broadcast(topic, eventOf("x")),
      ];
      for (const attempt of attempts) {
        assert.equal((await refusalOf(attempt)).code, "topic-invalid", topic);
      }
    }
  });

  it("init drops every topic first: here nothing is lost of what is still wanted", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users", "others");
    const channel = visitor.client.subscribe("users");
    const sending: Promise<void>[] = [];
    for (let count = 0; count < 40; count += 1) {
      sending.push(server.broadcast("users", eventOf("count", count)));
      if (count % 4 === 0) sending.push(visitor.client.init(["users", `topic/${count}`]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(sending);
    await waitUntil(() => heard.length >= 40);
    assert.deepEqual(dataOf(heard), [...Array(40).keys()]);
    assert.equal(visitor.client.subscribe("users"), channel);
  });

  it("an observer that leaves makes the next one miss an event: here nobody is skipped", () => {
    const emitter = new EventEmitter();
    const calls: string[] = [];
    const leaver = {
      update: () => {
        calls.push("leaver");
        emitter.unsubscribe("x", leaver);
        emitter.subscribe("x", { update: () => calls.push("newcomer") });
      },
    };
    emitter.subscribe("x", leaver);
    emitter.subscribe("x", { update: () => calls.push("next") });
    emitter.emit(eventOf("x"));
    emitter.emit(eventOf("x"));
    assert.deepEqual(calls, ["leaver", "next", "next", "newcomer"]);
  });

  it("an observer that throws stops the others: here it is one observer's error", async () => {
    await using server = await startPatternsServer();
    const errors: unknown[] = [];
    using visitor = new Visitor(server, { onError: (error) => errors.push(error) });
    const fault = new Error("an observer's own");
    const emitter = visitor.client.getEventEmitter();
    emitter.subscribe("count", {
      update: () => {
        throw fault;
      },
    });
    const heard = await visitor.follow("users");
    await visitor.client.publish("users", eventOf("count", 1));
    await visitor.client.publish("users", eventOf("count", 2));
    await waitUntil(() => heard.length === 2);
    assert.deepEqual(errors, [fault, fault]);
  });
});

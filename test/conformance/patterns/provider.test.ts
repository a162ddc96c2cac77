import assert from "node:assert/strict";
import { connect } from "../../../client/connect.ts";
import {
  type ChannelState,
  createPatternsClient,
  type EventSelector,
  RealtimeProvider,
} from "../../../client/patterns/index.ts";
import type { RealtimeServer } from "../../../server/realtime-server.ts";
import { SyncRoom } from "../../../server/rooms/sync-room.ts";
import { refusalOf } from "../../support/refusal-of.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { eventOf, startPatternsServer, Visitor } from "./patterns-world.ts";

class QuietRoom extends SyncRoom {}
type QuietServer = RealtimeServer<{ quiet: typeof QuietRoom }>;

describe("a program written for patterns' provider and channels", () => {
  it("P15 makes channels that connect by themselves, lists them and removes them", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const provider = new RealtimeProvider(visitor.url, visitor.options);
    const [users, others] = [provider.createChannel("users"), provider.createChannel("others")];
    assert.deepEqual(provider.getChannels(), [users, others]);
    await waitUntil(() => users.getState() === "connected" && others.getState() === "connected");
    await provider.removeChannel(others);
    assert.deepEqual(provider.getChannels(), [users]);
    assert.equal(others.getState(), "disconnected");
    await provider.disconnect();
    assert.equal(users.getState(), "disconnected");
    await provider.connect();
    assert.equal(users.getState(), "connected");
    await provider.disconnect();
  });

  it("P15 gives each of two channels of one topic its own handlers and its own end", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const provider = new RealtimeProvider(visitor.url, visitor.options);
    const [one, other] = [provider.createChannel("users"), provider.createChannel("users")];
    assert.notEqual(one.id, other.id);
    assert.equal(one.getId(), one.id);
    const heard: unknown[][] = [[], []];
    one.on("count", ({ data }) => heard[0]?.push(data));
    other.on("count", ({ data }) => heard[1]?.push(data));
    await Promise.all([one.connect(), other.connect()]);
    await one.publish(eventOf("count", 1));
    await waitUntil(() => heard.every(({ length }) => length === 1));
    await one.close();
    await other.emit(eventOf("count", 2));
    await waitUntil(() => heard[1]?.length === 2);
    assert.deepEqual(heard, [[1], [1, 2]]);
    await provider.disconnect();
  });

  it("P15 has selectors by type, by source, by both and for everything", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const channel = visitor.client.subscribe("users");
    const selectors: EventSelector[] = [
      "created",
      { type: "created" },
      { source: "billing" },
      { source: "billing", type: "created" },
      { source: "client", type: "*" },
      { source: "*", type: "removed" },
      "*",
    ];
    await channel.connect();
    const heard = selectors.map((selector) => {
      const each: unknown[] = [];
      channel.on(
        selector,
        ({ data, type }) => type !== "connection.established" && each.push(data),
      );
      return each;
    });
    await server.broadcast("users", { type: "created", source: "billing", data: 1 });
    await server.broadcast("users", { type: "removed", source: "billing", data: 2 });
    await server.broadcast("users", { type: "created", data: 3 });
    await channel.publish(eventOf("removed", 4));
    await waitUntil(() => heard.at(-1)?.length === 4);
    assert.deepEqual(heard, [[1, 3], [1, 3], [1, 2], [1], [4], [2, 4], [1, 2, 3, 4]]);
  });

  it("P15 hears what its filters let through, and nothing where they include nothing", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const provider = new RealtimeProvider(visitor.url, visitor.options);
    const channels = [
      { includeTypes: ["a", "b"] },
      { excludeTypes: ["a", "connection.established"] },
      { includeTypes: ["a", "b"], excludeTypes: ["b"] },
      { includeTypes: [] },
      { excludeTypes: ["connection.established"] },
    ].map((filters) => provider.createChannel("users", { filters }));
    const heard = channels.map((channel) => {
      const each: string[] = [];
      channel.on("*", ({ type }) => each.push(type));
      return each;
    });
    await Promise.all(channels.map((channel) => channel.connect()));
    for (const type of ["a", "b", "c"]) await server.broadcast("users", { type, data: null });
    await waitUntil(() => heard.at(-1)?.length === 3);
    assert.deepEqual(heard, [["a", "b"], ["b", "c"], ["a"], [], ["a", "b", "c"]]);
    await provider.disconnect();
  });

  it("P15 tells its state: connecting, connected, disconnecting, disconnected, error", async () => {
    await using server = await startPatternsServer({ channels: [{ pattern: "open/*" }] });
    using visitor = new Visitor(server);
    const provider = new RealtimeProvider(visitor.url, visitor.options);
    const states: ChannelState[] = [];
    const channel = provider.createChannel("open/1");
    states.push(channel.getState());
    await channel.connect();
    states.push(channel.getState());
    const closing = channel.close();
    states.push(channel.getState());
    await closing;
    states.push(channel.getState());
    const closed = provider.createChannel("closed/1");
    assert.equal((await refusalOf(() => closed.connect())).code, "not-allowed");
    states.push(closed.getState());
    assert.deepEqual(states, ["connecting", "connected", "disconnecting", "disconnected", "error"]);
    await provider.disconnect();
  });

  it("P15 is closed at once and until connect, with its handlers kept", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    const channel = visitor.client.subscribe("users");
    const heard: unknown[] = [];
    channel.on("count", ({ data }) => heard.push(data));
    await channel.connect();
    const closing = channel.close();
    await server.broadcast("users", eventOf("count", 1));
    await closing;
    assert.equal((await refusalOf(() => channel.publish(eventOf("count")))).code, "closed");
    await channel.connect();
    await channel.publish(eventOf("count", 2));
    await waitUntil(() => heard.length > 0);
    assert.deepEqual(heard, [2]);
  });

  it("P15 shares one socket among all channels and topics", async () => {
    await using server = await startPatternsServer();
    using visitor = new Visitor(server);
    await visitor.client.init(["a", "b", "c", "d"]);
    await visitor.client.publish("e", eventOf("hello"));
    assert.equal(visitor.sockets.length, 1);
  });

  it("P15 gives a channel with a token of its own a connection of its own", async () => {
    const claims = new Map([
      ["ada's", { sub: "ada", name: "Ada" }],
      ["bob's", { sub: "bob", name: "Bob" }],
    ]);
    const auth = {
      validateToken: (token: string) => claims.has(token),
      extractClaims: (token: string) => claims.get(token)!,
    };
    await using server = await startPatternsServer({ auth });
    using visitor = new Visitor(server, { authToken: "ada's" });
    const provider = new RealtimeProvider(visitor.url, visitor.options);
    const hers = provider.createChannel("users");
    const his = provider.createChannel("users", { authToken: "bob's" });
    await Promise.all([hers.connect(), his.connect()]);
    assert.equal(visitor.sockets.length, 2);
    const clientIds: unknown[] = [];
    hers.on("hello", ({ clientId }) => clientIds.push(clientId));
    await hers.publish(eventOf("hello"));
    await his.publish(eventOf("hello"));
    await waitUntil(() => clientIds.length === 2);
    assert.equal(new Set(clientIds).size, 2);
    await his.close();
    await waitUntil(() => server.getStats().connectedClients === 1);
    await his.connect();
    assert.equal(his.getState(), "connected");
    await Promise.all([provider.disconnect(), his.close()]);
  });

  it("P15 works over a client of ours, which it leaves alone", async () => {
    await using server = await startPatternsServer({ rooms: { quiet: QuietRoom } });
    const realtime = connect<QuietServer>(`ws://127.0.0.1:${server.port}`, { storage: null });
    const room = await realtime.join("quiet");
    const client = createPatternsClient(realtime);
    await client.init(["users"]);
    assert.equal(client.realtime, realtime);
    const own = { authToken: "of its own" };
    const refused = await refusalOf(() => new RealtimeProvider(realtime).createChannel("a", own));
    assert.equal(refused.code, "options-invalid");
    await client.disconnect();
    assert.equal(client.subscribe("users").getState(), "disconnected");
    assert.equal((await refusalOf(() => client.publish("users", eventOf("x")))).code, "closed");
    assert.equal(room.isConnected, true);
    await client.connect();
    assert.equal(client.subscribe("users").getState(), "connected");
    realtime.disconnect();
  });

  it("P15 tells handlers' errors to onError, and goes on", async () => {
    await using server = await startPatternsServer();
    const errors: unknown[] = [];
    using visitor = new Visitor(server, { onError: (error) => errors.push(error) });
    const channel = visitor.client.subscribe("users");
    const heard: unknown[] = [];
    const fault = new Error("a handler's own");
    channel.on("count", () => {
      throw fault;
    });
    channel.on("count", ({ data }) => heard.push(data));
    await channel.connect();
    await channel.publish(eventOf("count", 1));
    await waitUntil(() => heard.length === 1);
    assert.deepEqual(errors, [fault]);
  });
});

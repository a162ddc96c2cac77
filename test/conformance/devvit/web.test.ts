import assert from "node:assert/strict";
import * as clientEntry from "../../../client/devvit/index.ts";
import * as serverEntry from "../../../server/devvit/index.ts";
import { realtime } from "../../../server/devvit/index.ts";
import { createServer } from "../../../server/create-server.ts";
import type { RoomTable } from "../../../server/matchmaking/room-table.ts";
import { silentLogger } from "../../../server/logger.ts";
import { TEST_GUEST_SECRET } from "../../../server/testing/create-test-server.ts";
import type { MessageRecord } from "../../../server/testing/recorded-message.ts";
import { devvit, devvitBlocks } from "../../../server/policies/devvit-policies.ts";
import type { JsonValue } from "../../../shared/json-text.ts";
import { refusalOf } from "../../support/refusal-of.ts";
import { startTestServer, type TestServer } from "../../support/start-test-server.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { DevvitVisitor, messagesOf, recordCalls } from "./devvit-visitor.ts";

const start = (): Promise<TestServer<RoomTable>> =>
  startTestServer({ rooms: {}, channels: [devvit()] });

/** Sends with Devvit's own names: the process has one server. */
async function sendAll(channel: string, ...messages: JsonValue[]): Promise<void> {
  for (const message of messages) {
    // In order.
    // oxlint-disable-next-line no-await-in-loop
    await realtime.send(channel, message);
  }
}

describe("Devvit Web's client", () => {
  it("D1 resolves with a connection when the channel is connected", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { options, heard } = recordCalls("my-channel");
    const connection = await visitor.devvit.connectRealtime(options);
    assert.deepEqual(heard, [["onConnect", "my-channel"]]);
    assert.equal(typeof connection.disconnect, "function");
    await sendAll("my-channel", "hello");
    await waitUntil(() => heard.length === 2);
    assert.deepEqual(heard.at(-1), ["onMessage", "hello"]);
  });

  it("D1 rejects where no policy lets clients in, and keeps nothing", async () => {
    await using server = await startTestServer({ rooms: {} });
    using visitor = new DevvitVisitor(server);
    const { options, heard } = recordCalls("secrets");
    const { code } = await refusalOf(() => visitor.devvit.connectRealtime(options));
    assert.equal(code, "not-allowed");
    assert.equal(visitor.devvit.isRealtimeConnected("secrets"), false);
    assert.deepEqual(heard, []);
  });

  it("D1 can be used without waiting, as newer Devvit code does", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { options, heard } = recordCalls("news");
    const connection = visitor.devvit.connectRealtime(options);
    await connection.disconnect();
    await connection;
    assert.deepEqual(heard, []);
    assert.equal(visitor.devvit.isRealtimeConnected("news"), false);
  });

  it("D2 takes the names of Devvit's documentation, which Devvit's client refuses", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    for (const channel of ["my-channel", "user-updates", "live-chat", "game-updates"]) {
      const { heard } = await visitor.listen(channel);
      assert.deepEqual(heard, [["onConnect", channel]]);
    }
  });

  it("D2 refuses what is no name, on the client and on the server", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    for (const channel of ["", "a b", "ä", "a//b", "x".repeat(129)]) {
      const { options } = recordCalls(channel);
      const refusals = [
        await refusalOf(() => visitor.devvit.connectRealtime(options)),
        await refusalOf(() => realtime.send(channel, 1)),
      ];
      assert.deepEqual(
        refusals.map(({ code }) => code),
        ["topic-invalid", "topic-invalid"],
        channel,
      );
    }
  });

  it("D2 is as strict as Devvit where that is wanted, in Devvit's own words", async () => {
    await using server = await startTestServer({ rooms: {}, channels: [devvit({ strict: true })] });
    using visitor = new DevvitVisitor(server, { strict: true });
    using lenient = new DevvitVisitor(server);
    const { options } = recordCalls("my-channel");
    for (const attempt of [
      () => visitor.devvit.connectRealtime(options),
      () => lenient.devvit.connectRealtime(options),
    ]) {
      const { message } = await refusalOf(attempt);
      assert.equal(
        message,
        'invalid channel name "my-channel"; channels may only contain letters, numbers, and underscores',
      );
    }
    await visitor.listen("my_channel");
  });

  it("D2 is as strict on a server that takes any name from others", async () => {
    await using server = await start();
    const strict = serverEntry.createDevvit(server.server, { strict: true });
    const { code } = await refusalOf(() => strict.realtime.send("my-channel", 1));
    assert.equal(code, "topic-invalid");
    await strict.realtime.send("my_channel", 1);
    assert.equal(server.kit.sent.all().length, 1);
  });

  it("D3 tells onConnect the channel's name, and again after a reconnect", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { heard } = await visitor.listen("news");
    visitor.cut();
    await waitUntil(() => heard.length === 3);
    assert.deepEqual(heard, [
      ["onConnect", "news"],
      ["onDisconnect", "news", "network"],
      ["onConnect", "news"],
    ]);
  });

  it("D3 needs neither onConnect nor onDisconnect", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const heard: unknown[] = [];
    await visitor.devvit.connectRealtime({
      channel: "news",
      onMessage: (message) => heard.push(message),
    });
    visitor.cut();
    await waitUntil(() => !visitor.devvit.isRealtimeConnected("news"));
    await waitUntil(() => visitor.devvit.isRealtimeConnected("news"));
    await sendAll("news", 1);
    await waitUntil(() => heard.length === 1);
  });

  it("D4 tells onDisconnect each loss once, with its reason", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { heard } = await visitor.listen("news");
    const { attempts } = visitor;
    visitor.goOffline();
    await waitUntil(() => heard.length === 2);
    // An attempt in vain is no other loss.
    await waitUntil(() => visitor.attempts > attempts);
    visitor.goOnline();
    await waitUntil(() => heard.length === 3);
    visitor.realtime.disconnect();
    assert.deepEqual(heard, [
      ["onConnect", "news"],
      ["onDisconnect", "news", "network"],
      ["onConnect", "news"],
      ["onDisconnect", "news", "client"],
    ]);
  });

  it("D4 tells onDisconnect of disconnect() once, unless the loss was told before", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const [one, other] = [await visitor.listen("news"), await visitor.listen("news")];
    await one.disconnect();
    await one.disconnect();
    assert.deepEqual(one.heard.at(-1), ["onDisconnect", "news", "client"]);
    visitor.goOffline();
    await waitUntil(() => other.heard.length === 2);
    await other.disconnect();
    assert.deepEqual([one.heard.length, other.heard.length], [2, 2]);
  });

  it("D4 is silent where it never was connected", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { options, heard } = recordCalls("news");
    const connecting = visitor.devvit.connectRealtime(options);
    visitor.devvit.disconnectRealtime("news");
    await connecting;
    assert.deepEqual(heard, []);
  });

  it("D4 says server when that restarts, and everything goes on afterwards", async () => {
    const server = await start();
    using visitor = new DevvitVisitor(server);
    const { heard } = await visitor.listen("news");
    const { port } = server.server;
    await server.close();
    await waitUntil(() => heard.length === 2);
    assert.deepEqual(heard.at(-1), ["onDisconnect", "news", "server"]);
    await using next = createServer({
      rooms: {},
      channels: [devvit()],
      guestSecret: TEST_GUEST_SECRET,
      logger: silentLogger,
    });
    await next.listen(port, "127.0.0.1");
    visitor.goOnline();
    await waitUntil(() => visitor.devvit.isRealtimeConnected("news"));
    await sendAll("news", "back");
    await waitUntil(() => messagesOf(heard).length === 1);
  });

  it("D5 gives onMessage the message itself, whatever JSON it is", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { heard } = await visitor.listen("news");
    const messages = [
      "text",
      "",
      0,
      1.5,
      true,
      false,
      null,
      [],
      [1, [2]],
      {},
      { msg: { a: null } },
    ];
    await sendAll("news", ...messages);
    await waitUntil(() => messagesOf(heard).length === messages.length);
    assert.deepEqual(messagesOf(heard), messages);
  });

  it("D5 requires onMessage", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const options = { channel: "news" } as never;
    await assert.rejects(async () => await visitor.devvit.connectRealtime(options), TypeError);
    assert.equal(visitor.devvit.isRealtimeConnected("news"), false);
  });

  it("D6 gives a connection whose disconnect() returns a promise of nothing", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { options } = recordCalls("news");
    const connection = await visitor.devvit.connectRealtime(options);
    assert.deepEqual(Object.keys(connection), ["disconnect"]);
    assert.equal(await connection.disconnect(), undefined);
  });

  it("D7 ends the subscription on the server, and its callbacks, and nothing else", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const [left, kept] = [await visitor.listen("news"), await visitor.listen("scores")];
    await left.disconnect();
    assert.equal(visitor.devvit.isRealtimeConnected("news"), false);
    await sendAll("news", "for nobody");
    await sendAll("scores", 1);
    await waitUntil(() => messagesOf(kept.heard).length === 1);
    assert.deepEqual(messagesOf(left.heard), []);
    const again = await visitor.listen("news");
    await sendAll("news", "for the new one");
    await waitUntil(() => messagesOf(again.heard).length === 1);
    assert.deepEqual(messagesOf(left.heard), []);
  });

  it("D7 lets nothing arrive after disconnect(), not even what is in the line", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { options, heard } = recordCalls("news");
    const connection = visitor.devvit.connectRealtime({
      ...options,
      onMessage: (message) => {
        heard.push(["onMessage", message]);
        void connection.disconnect();
      },
    });
    await connection;
    await sendAll("news", 1, 2, 3);
    const witness = await visitor.listen("news");
    await sendAll("news", 4);
    await waitUntil(() => messagesOf(witness.heard).includes(4));
    assert.deepEqual(messagesOf(heard), [1]);
  });

  it("D8 manages several channels, each with its own callbacks", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const names = ["one", "two", "three"];
    const listeners = await Promise.all(names.map((name) => visitor.listen(name)));
    for (const name of names) await sendAll(name, `on ${name}`);
    await waitUntil(() => listeners.every(({ heard }) => heard.length === 2));
    assert.deepEqual(
      listeners.map(({ heard }) => heard),
      names.map((name) => [
        ["onConnect", name],
        ["onMessage", `on ${name}`],
      ]),
    );
  });

  it("D8 keeps the callbacks of every connection to one channel", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const [first, second] = [await visitor.listen("news"), await visitor.listen("news")];
    await sendAll("news", 1);
    await waitUntil(() => [first, second].every(({ heard }) => messagesOf(heard).length === 1));
    await first.disconnect();
    await sendAll("news", 2);
    await waitUntil(() => messagesOf(second.heard).length === 2);
    assert.deepEqual(messagesOf(first.heard), [1]);
    assert.deepEqual(second.heard[0], ["onConnect", "news"]);
  });

  it("D13 knows by name what is connected, and ends all of it by name", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { isRealtimeConnected, disconnectRealtime } = visitor.devvit;
    assert.equal(isRealtimeConnected("news"), false);
    const listeners = [await visitor.listen("news"), await visitor.listen("news")];
    const other = await visitor.listen("scores");
    assert.deepEqual(["news", "scores", "new"].map(isRealtimeConnected), [true, true, false]);
    visitor.goOffline();
    assert.equal(await waitUntil(() => !isRealtimeConnected("news")), true);
    visitor.goOnline();
    await waitUntil(() => ["news", "scores"].every(isRealtimeConnected));
    disconnectRealtime("news");
    disconnectRealtime("never connected");
    assert.deepEqual(["news", "scores"].map(isRealtimeConnected), [false, true]);
    for (const { heard } of listeners) {
      assert.deepEqual(heard.at(-1), ["onDisconnect", "news", "client"]);
    }
    await sendAll("scores", 1);
    await waitUntil(() => messagesOf(other.heard).length === 1);
  });
});

describe("Devvit Web's server", () => {
  it("D9 sends text and objects to everybody on the channel, and resolves with nothing", async () => {
    await using server = await start();
    using ada = new DevvitVisitor(server);
    using bob = new DevvitVisitor(server);
    const listeners = [await ada.listen("game-updates"), await bob.listen("game-updates")];
    const elsewhere = await bob.listen("notifications");
    const score = { type: "score-update", playerId: "user123", score: 1500, timestamp: 1 };
    assert.equal(await realtime.send("game-updates", "New user joined!"), undefined);
    await realtime.send("game-updates", score);
    for (const { heard } of listeners) {
      await waitUntil(() => messagesOf(heard).length === 2);
      assert.deepEqual(messagesOf(heard), ["New user joined!", score]);
    }
    assert.deepEqual(messagesOf(elsewhere.heard), []);
  });

  it("D9 delivers what was sent during a loss, once and in order", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { heard } = await visitor.listen("news");
    await sendAll("news", 1);
    visitor.goOffline();
    await waitUntil(() => heard.some(([name]) => name === "onDisconnect"));
    await sendAll("news", 2, 3);
    visitor.goOnline();
    await waitUntil(() => messagesOf(heard).length === 3);
    await sendAll("news", 4);
    await waitUntil(() => messagesOf(heard).length === 4);
    assert.deepEqual(messagesOf(heard), [1, 2, 3, 4]);
    assert.equal(
      heard.some(([name]) => name === "onResync"),
      false,
    );
  });

  it("D9 refuses to send before a server listens", async () => {
    const { code } = await refusalOf(() => realtime.send("news", 1));
    assert.equal(code, "closed");
  });

  it("B1 sends nothing once it is configured to be without realtime", async () => {
    await using server = await start();
    const { Devvit, realtime: switched } = serverEntry.createDevvit(server.server);
    Devvit.configure({ realtime: true, redis: true, redditAPI: true });
    await switched.send("news", 1);
    Devvit.configure({ realtime: false });
    assert.equal((await refusalOf(() => switched.send("news", 2))).code, "not-allowed");
    assert.equal(server.kit.sent.all().length, 1);
  });

  it("D9 takes a message for nobody", async () => {
    await using server = await start();
    await realtime.send("notifications", "is anybody here?");
    assert.equal(server.kit.sent.on("notifications").length, 1);
  });

  it("D10 refuses what is no JSON, and says where", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { heard } = await visitor.listen("news");
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const values = [
      undefined,
      () => 1,
      NaN,
      Infinity,
      1n,
      Symbol("s"),
      new Date(0),
      new Map(),
      cycle,
    ];
    for (const value of [...values, { deep: [{ value: undefined }] }]) {
      const { code, message } = await refusalOf(() => realtime.send("news", value as never));
      assert.equal(code, "payload-invalid");
      assert.match(message, /^payload/);
    }
    await sendAll("news", "the only one");
    await waitUntil(() => heard.length === 2);
    assert.deepEqual(messagesOf(heard), ["the only one"]);
  });

  it("D11 is the only one that sends: a client that tries is refused", async () => {
    await using server = await start();
    using visitor = new DevvitVisitor(server);
    const { heard } = await visitor.listen("news");
    const attempt = (): unknown => visitor.realtime.channel("news").publish("message", "forged");
    assert.equal((await refusalOf(attempt)).code, "not-allowed");
    await sendAll("news", "true");
    await waitUntil(() => messagesOf(heard).length === 1);
    assert.deepEqual(messagesOf(heard), ["true"]);
  });

  it("D12 has its names in one entry for pages and one for servers", () => {
    assert.deepEqual(Object.keys(clientEntry).toSorted(), [
      "ChannelStatus",
      "Devvit",
      "SyncError",
      "connectRealtime",
      "createDevvit",
      "disconnectRealtime",
      "isRealtimeConnected",
      "useChannel",
    ]);
    assert.deepEqual(Object.keys(serverEntry).toSorted(), [
      "Devvit",
      "SyncError",
      "createDevvit",
      "realtime",
    ]);
  });

  it("D14 is observed by the test kit: sent and received, by channel, until reset", async () => {
    await using server = await startTestServer({ rooms: {}, channels: [devvitBlocks()] });
    using visitor = new DevvitVisitor(server);
    const { heard } = await visitor.listen("news");
    await sendAll("news", 1, 2);
    await sendAll("scores", { score: 3 });
    await visitor.realtime.channel("news").publish("message", "from a page");
    await waitUntil(() => messagesOf(heard).length === 3);
    const { kit } = server;
    const listed = (record: MessageRecord): unknown[] =>
      record.all().map(({ channel, data }) => [channel, data]);
    assert.deepEqual(listed(kit.sent), [
      ["news", 1],
      ["news", 2],
      ["scores", { score: 3 }],
    ]);
    assert.deepEqual(listed(kit.received), [["news", "from a page"]]);
    assert.deepEqual(
      [kit.sent.on("scores").length, kit.received.on("news").length, kit.received.on("scores")],
      [1, 1, []],
    );
    kit.reset();
    assert.deepEqual([kit.sent.all(), kit.sent.on("news"), kit.received.all()], [[], [], []]);
  });
});

import assert from "node:assert/strict";
import { type AerostackRealtime, createAerostack } from "../../../client/aerostack/index.ts";
import { connect } from "../../../client/connect.ts";
import { sdk } from "../../../server/aerostack/index.ts";
import { aerostack } from "../../../server/index.ts";
import {
  HEARTBEAT_TIMEOUT_MS,
  MAX_OUTBOX_AGE_MS,
  MAX_OUTBOX_MESSAGES,
} from "../../../shared/limits.ts";
import { FakeChannelClient } from "../../support/fake-channel-client.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { startTestServer } from "../../support/start-test-server.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { namedTokens } from "./named-tokens.ts";
import { Person } from "./person.ts";

const options = { rooms: {}, channels: aerostack() };

function watchStatus(realtime: AerostackRealtime): string[] {
  const seen: string[] = [];
  realtime.onStatusChange((status) => seen.push(status));
  return seen;
}

describe("Aerostack's connection", () => {
  it("A21 tells its status in five words, until told to stop", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const seen = watchStatus(ada.realtime);
    const brief: string[] = [];
    const unsubscribe = ada.realtime.onStatusChange((status) => brief.push(status));
    assert.equal(ada.realtime.status, "idle");
    await waitUntil(() => seen.length === 1);
    unsubscribe();
    await ada.realtime.connect();
    ada.goOffline();
    await waitUntil(() => ada.realtime.status === "reconnecting");
    ada.goOnline();
    await waitUntil(() => ada.realtime.status === "connected");
    ada.realtime.disconnect();
    const path = ["idle", "connecting", "connected", "reconnecting", "connected", "disconnected"];
    assert.deepEqual(seen, path);
    assert.deepEqual(brief, ["idle"]);
  });

  it("A21 tells that it gave up, where it was told how often to try", async () => {
    const client = new FakeChannelClient({ reconnect: { maxAttempts: 2 } });
    const { realtime } = createAerostack(client.realtime);
    const heard: string[] = [];
    realtime.onMaxRetriesExceeded(({ code }) => heard.push(code, realtime.status));
    await Promise.all([realtime.connect(), client.settle()]);
    client.server.intercept = () => ({ status: 503, body: "" });
    client.server.drop();
    await client.clock.advance(60_000);
    assert.deepEqual(heard, ["unreachable", "disconnected"]);
  });

  it("A22 comes back after 1, 2, 4, 8, 16, 30 and again 30 seconds, a fifth more or less", async () => {
    for (const [random, spread] of [
      [0, 0.8],
      [0.5, 1],
      [1, 1.2],
    ] as const) {
      const client = new FakeChannelClient({ random: () => random });
      const { realtime } = createAerostack(client.realtime);
      await Promise.all([realtime.connect(), client.settle()]);
      const askedAt: number[] = [];
      client.server.intercept = () => {
        askedAt.push(client.clock.now());
        return { status: 503, body: "" };
      };
      const lostAt = client.clock.now();
      client.server.drop();
      await client.clock.advance(150_000);
      const delays = askedAt.map((at, attempt) => at - (askedAt[attempt - 1] ?? lostAt));
      const expected = [1, 2, 4, 8, 16, 30, 30].map((delay) => Math.round(delay * 1_000 * spread));
      assert.deepEqual(delays.slice(0, 7), expected);
      assert.equal(realtime.status, "reconnecting");
      realtime.disconnect();
    }
  });

  it("A22 comes back with every subscription and presence, and with what was missed", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const heard: unknown[] = [];
    for (const room of ["chat/1", "chat/2"]) {
      const channel = ada.realtime.channel(room).on("message", ({ data }) => heard.push(data));
      await channel.subscribe().ready;
    }
    await ada.realtime.channel("chat/1").track({ name: "Ada" });
    const seen: string[] = [];
    const his = bob.realtime.channel("chat/1").on("*", ({ event }) => seen.push(event));
    await his.subscribe().ready;
    ada.goOffline();
    await waitUntil(() => ada.realtime.status === "reconnecting");
    await sdk.socket.emit("message", "while away", "chat/1");
    ada.goOnline();
    await waitUntil(() => heard.length === 1);
    await sdk.socket.emit("message", "back again", "chat/2");
    await waitUntil(() => heard.length === 2);
    assert.deepEqual(heard, ["while away", "back again"]);
    assert.deepEqual(seen, ["presence:join", "message"]);
    assert.deepEqual(
      [...his.presenceState().values()].map(({ name }) => name),
      ["Ada"],
    );
  });

  it("A23 connects by hand, once, however often it is asked to", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    assert.equal(ada.attempts, 0);
    await Promise.all([ada.realtime.connect(), ada.realtime.connect()]);
    assert.equal(ada.realtime.status, "connected");
    await ada.realtime.connect();
    assert.equal(ada.connections, 1);
    assert.match(ada.realtime.user?.id ?? "", /^guest-/);
  });

  it("A24 stays disconnected, whatever was under way, and tells nothing more", async () => {
    const client = new FakeChannelClient();
    const { realtime } = createAerostack(client.realtime);
    const channel = realtime.channel("chat/1").subscribe();
    void channel.track({ name: "Ada" });
    await client.settle();
    client.server.drop();
    await client.settle();
    realtime.disconnect();
    realtime.disconnect();
    const asked = client.server.asked.length;
    client.wakeSignals.wake();
    await client.clock.advance(300_000);
    assert.equal(client.server.asked.length, asked);
    assert.equal(client.clock.pendingTimers, 0);
    assert.equal(realtime.status, "disconnected");
  });

  it("A24 brings every subscription and presence back when it is connected again", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const his = bob.realtime.channel("room/1").subscribe();
    await his.ready;
    const heard: unknown[] = [];
    const statuses: string[] = [];
    const channel = ada.realtime.channel("room/1").on("message", ({ data }) => heard.push(data));
    await channel.subscribe((status) => statuses.push(status)).ready;
    await channel.track({ name: "Ada" });
    const gone = ada.realtime.channel("room/1").on("message", () => heard.push("gone"));
    gone.subscribe().unsubscribe();
    ada.realtime.disconnect();
    await waitUntil(() => his.presenceState().size === 0);
    await sdk.socket.emit("message", "unheard", "room/1");
    await ada.realtime.connect();
    await channel.ready;
    await sdk.socket.emit("message", "heard", "room/1");
    await waitUntil(() => heard.length === 1 && his.presenceState().size === 1);
    assert.deepEqual(heard, ["heard"]);
    assert.deepEqual(statuses, ["SUBSCRIBED", "CLOSED", "SUBSCRIBED"]);
  });

  it("A24 remembers what is subscribed and tracked while it is disconnected", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const his = bob.realtime.channel("room/1").subscribe();
    await his.ready;
    ada.realtime.disconnect();
    const heard: unknown[] = [];
    const channel = ada.realtime.channel("room/1").on("message", ({ data }) => heard.push(data));
    channel.subscribe();
    await channel.track({ name: "Ada" });
    await assert.rejects(channel.publish("message", "too early"), { code: "closed" });
    await ada.realtime.connect();
    await waitUntil(() => his.presenceState().size === 1);
    await sdk.socket.emit("message", "heard", "room/1");
    await waitUntil(() => heard.length === 1);
  });

  it("A25 shows a newer token to the connection that stands, and says when it is refused", async () => {
    await using server = await startTestServer({ ...options, auth: namedTokens });
    using ada = new Person(server, { token: "ada/Ada" });
    const names: string[] = [];
    ada.realtime.onUserChange(({ name }) => names.push(name));
    await ada.realtime.connect();
    const errors: string[] = [];
    const channel = ada.realtime.channel("chat/1").subscribe();
    channel.onError(({ code }) => errors.push(code));
    await channel.ready;
    ada.realtime.setToken("ada/Countess Ada");
    await waitUntil(() => names.length === 2);
    ada.realtime.setToken("expired");
    await waitUntil(() => errors.length === 1);
    assert.deepEqual(names, ["Ada", "Countess Ada"]);
    assert.deepEqual(errors, ["auth-failed"]);
    assert.deepEqual(ada.realtime.user, { id: "ada", name: "Countess Ada" });
    assert.equal(ada.connections, 1);
  });

  it("A25 connects with the newest token from then on", async () => {
    await using server = await startTestServer({ ...options, auth: namedTokens });
    using ada = new Person(server, { token: "ada/Ada" });
    await ada.realtime.connect();
    ada.realtime.disconnect();
    ada.realtime.setToken("eve/Eve");
    await ada.realtime.connect();
    assert.deepEqual(ada.realtime.user, { id: "eve", name: "Eve" });
  });

  it("A25 lets in with a newer token whom an older one kept out, subscriptions included", async () => {
    await using server = await startTestServer({ ...options, auth: namedTokens });
    using ada = new Person(server, { token: "expired" });
    const heard: unknown[] = [];
    const refused: unknown[] = [];
    ada.realtime
      .channel("chat/1")
      .on("message", ({ data }) => heard.push(data))
      .subscribe((_status, error) => refused.push(error?.code));
    await assert.rejects(ada.realtime.connect(), { code: "auth-failed" });
    ada.realtime.setToken("ada/Ada");
    await ada.realtime.connect();
    await waitUntil(() => refused.length === 2);
    assert.deepEqual(refused, ["auth-failed", undefined]);
    await sdk.socket.emit("message", "hi", "chat/1");
    await waitUntil(() => heard.length === 1);
  });

  it("A26 lets what is published offline wait, and sends it behind the subscription, in order", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const heard: unknown[] = [];
    const channel = ada.realtime.channel("chat/1").on("message", ({ data }) => heard.push(data));
    await channel.subscribe().ready;
    ada.goOffline();
    await waitUntil(() => ada.realtime.status === "reconnecting");
    const sent = [1, 2, 3].map((count) => channel.publish("message", count));
    await sdk.socket.emit("message", "meanwhile", "chat/1");
    ada.goOnline();
    const receipts = await Promise.all(sent);
    await waitUntil(() => heard.length === 4);
    assert.deepEqual(heard, ["meanwhile", 1, 2, 3]);
    assert.deepEqual(
      receipts.map(({ offset }) => offset),
      [2, 3, 4],
    );
  });

  it("A26 lets no more wait than its bounds, and none of it vanish without a word", async () => {
    const clock = new FakeClock();
    const { realtime } = createAerostack("ws://nowhere.test", {
      clock,
      fetch: () => Promise.reject(new TypeError("fetch failed")),
      storage: null,
    });
    const channel = realtime.channel("chat/1");
    const refused: [count: number, code: string][] = [];
    const publish = (count: number): void => {
      channel
        .publish("message", count)
        .catch(({ code }: { code: string }) => refused.push([count, code]));
    };
    for (let count = 0; count <= MAX_OUTBOX_MESSAGES; count += 1) publish(count);
    await clock.advance(0);
    assert.deepEqual(refused, [[0, "disconnected"]], "the oldest gives way");
    await clock.advance(MAX_OUTBOX_AGE_MS);
    const all = Array.from({ length: MAX_OUTBOX_MESSAGES + 1 }, (_, at) => [at, "disconnected"]);
    assert.deepEqual(refused, all);
    publish(-1);
    await clock.advance(0);
    realtime.disconnect();
    await clock.advance(0);
    assert.deepEqual(refused.at(-1), [-1, "closed"]);
  });

  it("A27 finds out that nobody is there any more, and comes back", async () => {
    const client = new FakeChannelClient();
    const { realtime } = createAerostack(client.realtime);
    await Promise.all([realtime.connect(), client.settle()]);
    const seen = watchStatus(realtime);
    client.server.lastSocket.pair.cut();
    await client.clock.advance(HEARTBEAT_TIMEOUT_MS);
    assert.deepEqual(seen, ["connected", "reconnecting"]);
    await client.clock.advance(HEARTBEAT_TIMEOUT_MS);
    assert.deepEqual(seen, ["connected", "reconnecting", "connected"]);
    realtime.disconnect();
  });

  it("A27 does not wait when the browser says that it is online again", async () => {
    const client = new FakeChannelClient();
    const { realtime } = createAerostack(client.realtime);
    client.server.intercept = () => ({ status: 503, body: "" });
    const connecting = realtime.connect();
    await client.clock.advance(60_000);
    client.server.intercept = undefined;
    client.wakeSignals.wake();
    await Promise.all([connecting, client.settle()]);
    assert.equal(realtime.status, "connected");
    realtime.disconnect();
  });

  it("takes a client that has other uses, and leaves it its own", async () => {
    await using server = await startTestServer(options);
    const client = connect(`ws://127.0.0.1:${server.server.port}`);
    const { realtime } = createAerostack(client);
    await realtime.connect();
    assert.equal(client.status, "connected");
    assert.equal(realtime.user, client.user);
    realtime.disconnect();
  });
});

import assert from "node:assert/strict";
import { createDevvit, type DevvitClient } from "../../../../client/devvit/create-devvit.ts";
import { LEAVE_TIMEOUT_MS, SUBSCRIBE_TIMEOUT_MS } from "../../../../shared/limits.ts";
import { takeUncaught } from "../../../support/take-uncaught.ts";
import { FakeChannelClient, REJOIN_MS } from "../../../support/fake-channel-client.ts";

interface Opened {
  readonly client: FakeChannelClient;
  readonly devvit: DevvitClient;
  readonly calls: string[];
  readonly options: Parameters<DevvitClient["connectRealtime"]>[0];
}

function open(): Opened {
  const client = new FakeChannelClient();
  const calls: string[] = [];
  const options = {
    channel: "news",
    onConnect: (channel: string) => calls.push(`connect ${channel}`),
    onDisconnect: (channel: string, reason: string) => calls.push(`${reason} ${channel}`),
    onMessage: (message: unknown) => calls.push(`message ${String(message)}`),
    onResync: (channel: string) => calls.push(`resync ${channel}`),
  };
  return { client, devvit: createDevvit(client.realtime), calls, options };
}

/** Whether it is settled, and how. */
function watch(promise: Promise<unknown>): { state: "waits" | "resolved" | "rejected" } {
  const watched: { state: "waits" | "resolved" | "rejected" } = { state: "waits" };
  promise.then(
    () => (watched.state = "resolved"),
    () => (watched.state = "rejected"),
  );
  return watched;
}

describe("connectRealtime", () => {
  it("asks the server once for one channel, and once more for it to end", async () => {
    const { client, devvit, options } = open();
    const connecting = [1, 2, 3].map(() => devvit.connectRealtime(options));
    await client.settle();
    const connections = await Promise.all(connecting);
    for (const connection of connections) void connection.disconnect();
    await client.settle();
    assert.deepEqual(client.channels.names, ["subscribe", "unsubscribe"]);
  });

  it("resolves after 10 s without a connection, and goes on trying", async () => {
    const { client, devvit, calls, options } = open();
    client.server.intercept = () => ({ status: 502, body: "" });
    const watched = watch(devvit.connectRealtime(options));
    await client.clock.advance(SUBSCRIBE_TIMEOUT_MS - 1);
    assert.equal(watched.state, "waits");
    await client.clock.advance(1);
    assert.equal(watched.state, "resolved");
    client.server.intercept = undefined;
    await client.clock.advance(60_000);
    assert.deepEqual(calls, ["connect news"]);
  });

  it("rejects where the client was disconnected for good, before or meanwhile", async () => {
    const { client, devvit, calls, options } = open();
    const meanwhile = devvit.connectRealtime(options);
    client.realtime.disconnect();
    await assert.rejects(meanwhile, { code: "closed" });
    const afterwards = watch(devvit.connectRealtime(options));
    await client.settle();
    assert.equal(afterwards.state, "rejected");
    assert.deepEqual(calls, []);
  });

  it("tells of the loss before it tells of the way back, and of what is missing for good", async () => {
    const { client, devvit, calls, options } = open();
    void devvit.connectRealtime(options);
    await client.settle();
    client.publish("one", "news");
    await client.settle();
    await client.dropAndReturn(() => {
      client.publish("two", "news");
      client.channels.forget("news");
    });
    assert.deepEqual(calls, [
      "connect news",
      "message one",
      "network news",
      "connect news",
      "resync news",
    ]);
  });

  it("does not mind a callback that throws", async () => {
    const { client, devvit, calls, options } = open();
    const uncaught = await takeUncaught(async () => {
      const fail = (): never => {
        throw new Error("a callback fails");
      };
      void devvit.connectRealtime({ ...options, onConnect: fail, onMessage: fail });
      void devvit.connectRealtime(options);
      await client.settle();
      client.publish("one", "news");
      await client.settle();
    });
    assert.deepEqual(calls, ["connect news", "message one"]);
    assert.equal(uncaught.length, 2);
  });

  it("tells the page's console that it may not come back", async () => {
    const { client, devvit, calls, options } = open();
    void devvit.connectRealtime(options);
    await client.settle();
    client.channels.refuse = ({ name }) =>
      name === "subscribe" ? { code: "not-allowed", message: "no longer" } : undefined;
    const uncaught = await takeUncaught(() => client.dropAndReturn());
    assert.deepEqual(uncaught.map(String), ["SyncError: no longer"]);
    assert.deepEqual(calls, ["connect news", "network news"]);
    assert.equal(devvit.isRealtimeConnected("news"), false);
  });

  it("has let go of everything once it is disconnected", async () => {
    const { client, devvit, options } = open();
    for (let n = 0; n < 3; n += 1) void devvit.connectRealtime(options).disconnect();
    await client.settle();
    client.realtime.disconnect();
    assert.equal(client.clock.pendingTimers, 0);
  });
});

describe("Connection.disconnect", () => {
  it("resolves when the server knows, or after 2 s", async () => {
    const { client, devvit, options } = open();
    const connection = devvit.connectRealtime(options);
    await client.settle();
    client.channels.hold = ({ name }) => name === "unsubscribe";
    const watched = watch(connection.disconnect());
    await client.clock.advance(LEAVE_TIMEOUT_MS - 1);
    assert.equal(watched.state, "waits");
    await client.clock.advance(1);
    assert.equal(watched.state, "resolved");
  });

  it("ends what is lost at the moment: it does not come back", async () => {
    const { client, devvit, calls, options } = open();
    const connection = devvit.connectRealtime(options);
    await client.settle();
    client.server.drop();
    await client.settle();
    await connection.disconnect();
    await client.clock.advance(REJOIN_MS);
    client.publish("late", "news");
    await client.settle();
    assert.deepEqual(calls, ["connect news", "network news"]);
    assert.deepEqual(client.channels.names, ["subscribe"]);
  });
});

describe("Devvit.configure", () => {
  it("takes every capability, and leaves realtime on unless it says no", async () => {
    const { client, devvit, calls, options } = open();
    devvit.Devvit.configure({ redis: true, redditAPI: true });
    devvit.Devvit.configure({ realtime: true });
    void devvit.connectRealtime(options);
    await client.settle();
    assert.deepEqual(calls, ["connect news"]);
  });

  it("switches realtime off, of this Devvit and no other", async () => {
    const { client, devvit, options } = open();
    const other = createDevvit(client.realtime);
    devvit.Devvit.configure({ realtime: false });
    await assert.rejects(async () => await devvit.connectRealtime(options), {
      code: "not-allowed",
    });
    void other.connectRealtime(options);
    await client.settle();
    assert.equal(other.isRealtimeConnected("news"), true);
  });
});

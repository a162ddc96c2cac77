import assert from "node:assert/strict";
import { JOIN_STEP_TIMEOUT_MS } from "../../../../shared/limits.ts";
import { CloseCode } from "../../../../shared/protocol/close-codes.ts";
import {
  FakeChannelClient,
  recordMessages,
  REJOIN_MS,
} from "../../../support/fake-channel-client.ts";
import { refusal } from "../../../support/fake-room-server.ts";

function watchStatus(client: FakeChannelClient): string[] {
  const seen: string[] = [];
  client.realtime.onStatusChange((status) => seen.push(status));
  return seen;
}

async function connected(client: FakeChannelClient): Promise<void> {
  await Promise.all([client.realtime.connect(), client.settle()]);
}

describe("RealtimeClient.connect", () => {
  it("opens the hub and resolves when it stands", async () => {
    const client = new FakeChannelClient();
    const seen = watchStatus(client);
    await connected(client);
    assert.deepEqual(seen, ["connecting", "connected"]);
    assert.equal(client.server.asked[0]?.target, "atrium-hub");
    assert.equal(client.realtime.user?.id, "guest-1");
  });

  it("is one connection, however often it is called and whoever needs it besides", async () => {
    const client = new FakeChannelClient();
    await Promise.all([
      client.realtime.connect(),
      client.realtime.connect(),
      client.subscribed("a"),
      client.subscribed("b"),
      client.settle(),
    ]);
    await client.realtime.connect();
    assert.equal(client.server.sockets.length, 1);
  });

  it("completes with the handshake: the hub has no state to wait for", async () => {
    const client = new FakeChannelClient();
    client.server.room.sendFullState = () => assert.fail("nobody waits for a state");
    await connected(client);
    assert.equal(client.realtime.status, "connected");
  });

  it("goes on trying until it succeeds, in the words of a first connection", async () => {
    const client = new FakeChannelClient();
    const seen = watchStatus(client);
    client.server.intercept = () => ({ status: 503, body: "" });
    const connecting = client.realtime.connect();
    await client.clock.advance(20_000);
    assert.ok(client.server.asked.length >= 4);
    client.server.intercept = undefined;
    await Promise.all([connecting, client.clock.advance(30_000)]);
    assert.deepEqual(seen, ["connecting", "connected"]);
  });

  it("tries again at once when the platform wakes it", async () => {
    const client = new FakeChannelClient();
    client.server.intercept = () => ({ status: 503, body: "" });
    const connecting = client.realtime.connect();
    await client.clock.advance(10_000);
    client.server.intercept = undefined;
    client.wakeSignals.wake();
    await Promise.all([connecting, client.settle()]);
    assert.equal(client.realtime.status, "connected");
  });

  it("survives a server that opens sockets and says nothing", async () => {
    const client = new FakeChannelClient();
    client.server.isSilent = true;
    const connecting = client.realtime.connect();
    await client.clock.advance(JOIN_STEP_TIMEOUT_MS);
    client.server.isSilent = false;
    await Promise.all([connecting, client.clock.advance(REJOIN_MS)]);
    assert.equal(client.realtime.status, "connected");
  });

  it("rejects with what refuses it for good, and can be called again", async () => {
    const client = new FakeChannelClient();
    client.server.intercept = () => refusal(401, "auth-failed");
    const refused = assert.rejects(client.realtime.connect(), { code: "auth-failed" });
    await client.clock.advance(60_000);
    await refused;
    assert.equal(client.server.asked.length, 1, "it is not tried again by itself");
    assert.equal(client.realtime.status, "disconnected");
    client.server.intercept = undefined;
    await connected(client);
    assert.equal(client.realtime.status, "connected");
  });

  it("ends with closed when the client is disconnected meanwhile", async () => {
    const client = new FakeChannelClient();
    client.server.intercept = () => new Promise(() => undefined);
    const connecting = client.realtime.connect();
    await client.settle();
    client.realtime.disconnect();
    await assert.rejects(connecting, { code: "closed" });
    assert.equal(client.clock.pendingTimers, 0);
  });

  it("makes a client usable again that was disconnected", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.realtime.disconnect();
    await connected(client);
    assert.equal(client.realtime.status, "connected");
    assert.deepEqual(client.channels.asked("subscribe").length, 1, "nothing came back by itself");
    const heard = recordMessages(channel.subscribe());
    await client.settle();
    client.publish("hi");
    await client.settle();
    assert.deepEqual(heard, ["hi"]);
  });
});

describe("RealtimeClient.disconnect", () => {
  it("is final: no channel comes back to life, whatever was scheduled", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    void channel.track({ x: 1 });
    await client.settle();
    client.server.drop();
    await client.settle();
    client.realtime.disconnect();
    assert.equal(client.clock.pendingTimers, 0);
    assert.equal(client.wakeSignals.listeners, 0);
    const sockets = client.server.sockets.length;
    client.wakeSignals.wake();
    await client.clock.advance(120_000);
    assert.equal(client.server.sockets.length, sockets);
    assert.equal(client.realtime.status, "disconnected");
  });
});

describe("RealtimeClient once disconnected", () => {
  it("sends nothing more for channels, whatever is called", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.realtime.disconnect();
    const asked = client.server.asked.length;
    const fresh = client.realtime.channel("another").subscribe();
    const calls = [
      channel.publish("message", 1),
      channel.track({ x: 1 }),
      channel.getHistory(),
      fresh.ready,
    ];
    const refusals = calls.map((call) => assert.rejects(call, { code: "closed" }));
    await Promise.all([...refusals, client.settle()]);
    client.realtime.setToken("newer");
    await client.clock.advance(60_000);
    assert.equal(client.server.asked.length, asked);
    assert.equal(client.realtime.status, "disconnected");
    assert.equal(client.clock.pendingTimers, 0);
  });
});

describe("RealtimeClient after disconnect", () => {
  it("lets other code run while somebody subscribes again at every CLOSED", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    let closed = 0;
    const again = (): void => {
      channel.subscribe((status) => {
        if (status !== "CLOSED") return;
        closed += 1;
        if (closed < 50) again();
      });
    };
    again();
    await client.settle();
    client.realtime.disconnect();
    const before = closed;
    await Promise.resolve();
    assert.equal(closed, before);
    await client.clock.advance(0);
    assert.equal(closed, 50);
  });
});

describe("RealtimeClient.status", () => {
  it("is one for the hub and for rooms", async () => {
    const client = new FakeChannelClient();
    const seen = watchStatus(client);
    await client.join();
    await client.subscribed();
    assert.equal(client.server.sockets.length, 2);
    assert.deepEqual(seen, ["connecting", "connected"]);
    client.server.lastSocket.pair.server.close(CloseCode.ABNORMAL);
    await client.clock.advance(REJOIN_MS);
    assert.deepEqual(seen.slice(2), ["reconnecting", "connected"]);
  });

  it("goes from connected through reconnecting back to connected for channels as well", async () => {
    const client = new FakeChannelClient();
    await client.subscribed();
    const seen = watchStatus(client);
    await client.dropAndReturn();
    assert.deepEqual(seen, ["connected", "reconnecting", "connected"]);
  });
});

describe("RealtimeClient.onDisconnect", () => {
  async function watched(): Promise<{ client: FakeChannelClient; reasons: string[] }> {
    const client = new FakeChannelClient();
    const reasons: string[] = [];
    client.realtime.onDisconnect((reason) => reasons.push(reason));
    await client.subscribed();
    return { client, reasons };
  }

  it("tells a loss once, however many attempts it takes to return", async () => {
    const { client, reasons } = await watched();
    client.server.intercept = () => ({ status: 503, body: "" });
    await client.dropAndReturn();
    await client.clock.advance(60_000);
    assert.deepEqual(reasons, ["network"]);
    client.server.intercept = undefined;
    await client.clock.advance(60_000);
    await client.dropAndReturn();
    assert.deepEqual(reasons, ["network", "network"]);
  });

  it("says that the server announced it", async () => {
    const { client, reasons } = await watched();
    client.server.restart();
    await client.clock.advance(REJOIN_MS);
    assert.deepEqual(reasons, ["server"]);
  });

  it("says that the server ended it for good", async () => {
    const { client, reasons } = await watched();
    client.server.lastSocket.pair.server.close(CloseCode.CONSENTED);
    await client.settle();
    assert.deepEqual(reasons, ["kicked"]);
  });

  it("says that somebody here wanted it", async () => {
    const { client, reasons } = await watched();
    client.realtime.disconnect();
    client.realtime.disconnect();
    assert.deepEqual(reasons, ["client"]);
  });

  it("is silent where nothing was connected, and after a loss that was told", async () => {
    const client = new FakeChannelClient();
    const reasons: string[] = [];
    client.realtime.onDisconnect((reason) => reasons.push(reason));
    client.realtime.disconnect();
    assert.deepEqual(reasons, []);
    const lost = await watched();
    lost.client.server.drop();
    await lost.client.settle();
    lost.client.realtime.disconnect();
    assert.deepEqual(lost.reasons, ["network"]);
  });
});

describe("RealtimeClient.setToken", () => {
  it("shows the newer token on the live connection", async () => {
    const client = new FakeChannelClient();
    await client.subscribed();
    client.realtime.setToken("newer");
    await client.settle();
    assert.deepEqual(client.channels.asked("authenticate"), [{ token: "newer" }]);
    assert.equal(client.realtime.user?.name, "Guest with newer");
  });

  it("sends nothing where there is no connection, and joins with it later", async () => {
    const client = new FakeChannelClient();
    client.realtime.setToken("newer");
    await client.settle();
    assert.equal(client.server.asked.length, 0);
    await client.subscribed();
    assert.equal(client.server.asked[0]?.token, "newer");
    assert.deepEqual(client.channels.names, ["subscribe"]);
  });

  it("is shown to a connection that was under way with the one before", async () => {
    const client = new FakeChannelClient({ token: "older" });
    const connecting = client.realtime.connect();
    client.realtime.setToken("newer");
    await Promise.all([connecting, client.settle()]);
    assert.equal(client.server.asked[0]?.token, "older");
    assert.deepEqual(client.channels.asked("authenticate"), [{ token: "newer" }]);
  });

  it("says through onError that the newer token is refused", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const errors: string[] = [];
    channel.onError(({ code }) => errors.push(code));
    client.channels.refuse = () => ({ code: "auth-failed", message: "expired" });
    client.realtime.setToken("bad");
    await client.settle();
    assert.deepEqual(errors, ["auth-failed"]);
  });

  it("costs the channels that are no longer allowed, and no others", async () => {
    const client = new FakeChannelClient();
    const lost: unknown[] = [];
    client.realtime.channel("secret").subscribe((...told) => lost.push(told[1]?.code));
    const heard = recordMessages(await client.subscribed());
    client.realtime.setToken("newer");
    await client.settle();
    const error = { code: "not-allowed", message: "no longer" } as const;
    client.channels.tell(client.server.room, { kind: "ended", topic: "secret", error });
    client.publish("hi");
    await client.settle();
    assert.deepEqual(lost, [undefined, "not-allowed"]);
    assert.deepEqual(heard, ["hi"]);
  });

  it("asks a plain Colyseus room for nothing", async () => {
    const client = new FakeChannelClient();
    client.server.room.saysHello = false;
    client.server.room.hasState = true;
    await client.join();
    client.realtime.setToken("newer");
    await client.settle();
    assert.deepEqual(client.channels.operations, []);
  });
});

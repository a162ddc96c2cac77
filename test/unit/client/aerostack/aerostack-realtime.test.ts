import assert from "node:assert/strict";
import type { AerostackRealtime } from "../../../../client/aerostack/aerostack-realtime.ts";
import { createAerostack } from "../../../../client/aerostack/create-aerostack.ts";
import { FakeChannelClient } from "../../../support/fake-channel-client.ts";
import { takeUncaught } from "../../../support/take-uncaught.ts";

function start(): { client: FakeChannelClient; realtime: AerostackRealtime } {
  const client = new FakeChannelClient();
  return { client, realtime: createAerostack(client.realtime).realtime };
}

async function reconnect(client: FakeChannelClient, realtime: AerostackRealtime): Promise<void> {
  realtime.disconnect();
  await client.settle();
  await Promise.all([realtime.connect(), client.settle()]);
}

describe("AerostackRealtime.known", () => {
  it("is one promise, of the first user there is", async () => {
    const { client, realtime } = start();
    const { known } = realtime;
    assert.equal(realtime.known, known);
    await Promise.all([realtime.connect(), client.settle()]);
    assert.equal(await known, realtime.user);
    assert.equal(realtime.known, known);
  });

  it("can be read at once by React's use() where somebody is known already", async () => {
    const { client } = start();
    await client.subscribed();
    const { realtime } = createAerostack(client.realtime);
    const known = realtime.known as Promise<unknown> & { status: string; value: unknown };
    assert.deepEqual([known.status, known.value], ["fulfilled", client.realtime.user]);
    assert.equal(await known, client.realtime.user);
  });
});

describe("AerostackRealtime.connect after disconnect", () => {
  it("shows again who was tracked without a subscription, and nobody who was untracked", async () => {
    const { client, realtime } = start();
    void realtime.channel("room/1").track({ at: 1 });
    const left = realtime.channel("room/2");
    void left.track({ at: 2 });
    await client.settle();
    void left.untrack();
    await client.settle();
    await reconnect(client, realtime);
    const tracked = client.channels.asked("track").map(({ topic }) => topic);
    assert.deepEqual(tracked, ["room/1", "room/2", "room/1"]);
  });

  it("asks for nothing that was unsubscribed meanwhile", async () => {
    const { client, realtime } = start();
    const channel = realtime.channel("room/1").subscribe();
    await client.settle();
    realtime.disconnect();
    channel.unsubscribe();
    await Promise.all([realtime.connect(), client.settle()]);
    assert.equal(client.channels.asked("subscribe").length, 1);
  });

  it("tells each callback once, however often it happens", async () => {
    const { client, realtime } = start();
    const told: string[] = [];
    const channel = realtime.channel("room/1").subscribe((status) => told.push(`a ${status}`));
    channel.subscribe((status) => told.push(`b ${status}`));
    await client.settle();
    for (const _ of [1, 2]) await reconnect(client, realtime);
    const round = ["a SUBSCRIBED", "b SUBSCRIBED"];
    const end = ["a CLOSED", "b CLOSED"];
    assert.deepEqual(told, [...round, ...end, ...round, ...end, ...round]);
  });

  it("asks once for what was subscribed again by hand", async () => {
    const { client, realtime } = start();
    const channel = realtime.channel("room/1").subscribe();
    await client.settle();
    realtime.disconnect();
    const connecting = realtime.connect();
    channel.subscribe();
    await Promise.all([connecting, client.settle()]);
    assert.equal(client.channels.asked("subscribe").length, 2);
  });
});

describe("AerostackChannel.subscribe, refused", () => {
  it("can be tried again by hand, and tells only who asked this time", async () => {
    const { client, realtime } = start();
    client.channels.refuse = () => ({ code: "not-allowed", message: "no" });
    const told: string[] = [];
    const channel = realtime.channel("room/1").subscribe((status) => told.push(`first ${status}`));
    await client.settle();
    client.channels.refuse = undefined;
    channel.subscribe((status) => told.push(`second ${status}`));
    await client.settle();
    assert.deepEqual(told, ["first CHANNEL_ERROR", "second SUBSCRIBED"]);
  });

  it("is no uncaught error on every reconnect, but one", async () => {
    const { client, realtime } = start();
    client.channels.refuse = () => ({ code: "not-allowed", message: "no" });
    const uncaught = await takeUncaught(async () => {
      realtime.channel("room/1").subscribe();
      await client.settle();
      for (const _ of [1, 2]) await client.dropAndReturn();
    });
    assert.equal(uncaught.length, 1);
  });
});

describe("AerostackChannel.track and untrack", () => {
  it("do not reject because there is no connection for long, and are sent with the next", async () => {
    const { client, realtime } = start();
    const channel = realtime.channel("room/1").subscribe();
    await client.settle();
    client.server.intercept = () => ({ status: 503, body: "" });
    client.server.drop();
    await client.settle();
    const tracking = channel.track({ at: 1 });
    await client.clock.advance(60_000);
    await tracking;
    client.server.intercept = undefined;
    await client.clock.advance(60_000);
    assert.equal(channel.presenceState().size, 1);
  });

  it("reject what is refused", async () => {
    const { client, realtime } = start();
    client.channels.refuse = () => ({ code: "not-allowed", message: "no" });
    const tracking = assert.rejects(realtime.channel("room/1").track({}), { code: "not-allowed" });
    await client.settle();
    await tracking;
  });
});

import assert from "node:assert/strict";
import { FakeChannelClient } from "../../support/fake-channel-client.ts";

function watchUsers(client: FakeChannelClient): string[] {
  const told: string[] = [];
  client.realtime.onUserChange(({ name }) => told.push(name));
  return told;
}

describe("RealtimeClient.user", () => {
  it("is unknown before the first connection, and told when it is known", async () => {
    const client = new FakeChannelClient();
    const told = watchUsers(client);
    assert.equal(client.realtime.user, undefined);
    await client.subscribed();
    assert.deepEqual(client.realtime.user, { id: "guest-1", name: "Guest session-1" });
    assert.deepEqual(told, ["Guest session-1"]);
  });

  it("is the same object through every reconnect", async () => {
    const client = new FakeChannelClient();
    const told = watchUsers(client);
    await client.subscribed();
    const { user } = client.realtime;
    for (const _ of [1, 2]) await client.dropAndReturn();
    assert.equal(client.server.sockets.length, 3);
    assert.equal(client.realtime.user, user);
    assert.deepEqual(told, ["Guest session-1"]);
  });

  it("changes with a token of another user", async () => {
    const client = new FakeChannelClient();
    const told = watchUsers(client);
    await client.subscribed();
    client.realtime.setToken("newer");
    await client.settle();
    assert.equal(client.realtime.user?.name, "Guest with newer");
    assert.deepEqual(told, ["Guest session-1", "Guest with newer"]);
  });

  it("is told to nobody who listens no more", async () => {
    const client = new FakeChannelClient();
    const told: unknown[] = [];
    const stop = client.realtime.onUserChange((user) => told.push(user));
    stop();
    await client.subscribed();
    assert.deepEqual(told, []);
  });
});

import assert from "node:assert/strict";
import { createAerostack } from "../../../../client/aerostack/create-aerostack.ts";
import { MountedConnection } from "../../../../client/aerostack/mounted-connection.ts";
import { FakeChannelClient } from "../../../support/fake-channel-client.ts";
import { refusal } from "../../../support/fake-room-server.ts";
import { takeUncaught } from "../../../support/take-uncaught.ts";

function mountable(isOwn = true): { client: FakeChannelClient; connection: MountedConnection } {
  const client = new FakeChannelClient();
  const { realtime } = createAerostack(client.realtime);
  return { client, connection: new MountedConnection(realtime, isOwn) };
}

describe("MountedConnection", () => {
  it("connects when it is mounted, not before", async () => {
    const { client, connection } = mountable();
    await client.settle();
    assert.equal(client.realtime.status, "idle");
    connection.mount();
    await client.settle();
    assert.equal(client.realtime.status, "connected");
  });

  it("ends its own connection with the last mount", async () => {
    const { client, connection } = mountable();
    const unmounts = [connection.mount(), connection.mount()];
    await client.settle();
    unmounts[0]?.();
    await client.settle();
    assert.equal(client.realtime.status, "connected");
    unmounts[1]?.();
    await client.settle();
    assert.equal(client.realtime.status, "disconnected");
    assert.equal(client.clock.pendingTimers, 0);
  });

  it("keeps it when it is mounted again at once, with everything that is subscribed", async () => {
    const { client, connection } = mountable();
    const unmount = connection.mount();
    const channel = await client.subscribed();
    unmount();
    connection.mount();
    await client.settle();
    assert.equal(client.server.sockets.length, 1);
    assert.equal(channel.isSubscribed, true);
  });

  it("leaves somebody else's connection as it is", async () => {
    const { client, connection } = mountable(false);
    connection.mount()();
    await client.settle();
    assert.equal(client.realtime.status, "connected");
  });

  it("says why it was not let in, and tries again with another token", async () => {
    const { client, connection } = mountable();
    client.server.intercept = () => refusal(401, "auth-failed");
    const uncaught = await takeUncaught(async () => {
      connection.mount();
      await client.settle();
    });
    assert.deepEqual(
      uncaught.map((error) => (error as { code?: string }).code),
      ["auth-failed"],
    );
    assert.equal(client.realtime.status, "disconnected");
    client.server.intercept = undefined;
    connection.setToken("newer");
    await client.settle();
    assert.equal(client.realtime.status, "connected");
  });

  it("connects for no token when it was disconnected on purpose", async () => {
    const { client, connection } = mountable();
    connection.mount();
    await client.settle();
    client.realtime.disconnect();
    connection.setToken("newer");
    await client.settle();
    assert.equal(client.realtime.status, "disconnected");
  });
});

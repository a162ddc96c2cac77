import assert from "node:assert/strict";
import type { Channel } from "../../../../client/channels/channel.ts";
import { LEAVE_TIMEOUT_MS } from "../../../../shared/limits.ts";
import { CloseCode } from "../../../../shared/protocol/close-codes.ts";
import { FakeChannelClient, REJOIN_MS } from "../../../support/fake-channel-client.ts";
import { refusal } from "../../../support/fake-room-server.ts";

/** Reasons of the losses, and whether the channel was subscribed when each was told. */
function recordLosses(channel: Channel): unknown[] {
  const losses: unknown[] = [];
  channel.onDisconnect((reason) => losses.push([reason, channel.isSubscribed]));
  return losses;
}

describe("Channel.onDisconnect", () => {
  it("tells each loss once, with what broke the connection", async () => {
    const client = new FakeChannelClient();
    const losses = recordLosses(await client.subscribed());
    client.server.drop();
    await client.settle();
    assert.deepEqual(losses, [["network", false]]);
    await client.clock.advance(REJOIN_MS);
    client.server.lastSocket.pair.server.close(CloseCode.SERVER_SHUTDOWN);
    await client.settle();
    assert.deepEqual(losses, [
      ["network", false],
      ["server", false],
    ]);
  });

  it("counts attempts in vain as part of one loss", async () => {
    const client = new FakeChannelClient();
    const losses = recordLosses(await client.subscribed());
    client.server.intercept = () => ({ status: 502, body: "" });
    client.server.drop();
    await client.clock.advance(60_000);
    assert.equal(losses.length, 1);
  });

  it("counts a connection that goes before the channel stands as part of the loss", async () => {
    const client = new FakeChannelClient();
    const losses = recordLosses(await client.subscribed());
    client.channels.hold = ({ name }) => name === "subscribe";
    await client.dropAndReturn();
    client.server.drop();
    await client.clock.advance(REJOIN_MS);
    assert.equal(losses.length, 1);
  });

  it("says client of what was wanted here", async () => {
    const client = new FakeChannelClient();
    const [left, kept] = [await client.subscribed(), await client.subscribed()];
    const [one, other] = [recordLosses(left), recordLosses(kept)];
    left.unsubscribe();
    assert.deepEqual([one, other], [[["client", false]], []]);
    client.realtime.disconnect();
    assert.deepEqual([one, other], [[["client", false]], [["client", false]]]);
  });

  it("says kicked of what the server ended for good", async () => {
    const client = new FakeChannelClient({ token: "old" });
    const losses = recordLosses(await client.subscribed());
    client.server.lastSocket.pair.server.close(CloseCode.CONSENTED);
    await client.settle();
    assert.deepEqual(losses, [["kicked", false]]);
  });

  it("says nothing where nothing stood", async () => {
    const client = new FakeChannelClient({ token: "bad" });
    client.server.intercept = () => refusal(401, "auth-failed");
    const refused = client.realtime.channel("chat/general");
    const losses = recordLosses(refused);
    refused.subscribe();
    await client.settle();
    refused.unsubscribe();
    assert.deepEqual(losses, []);
  });

  it("is known already when the client says that it is reconnecting", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const seen: unknown[] = [];
    client.realtime.onStatusChange((status) => seen.push([status, channel.isSubscribed]));
    await client.dropAndReturn();
    assert.deepEqual(seen, [
      ["connected", true],
      ["reconnecting", false],
      ["connected", false],
    ]);
    assert.equal(channel.isSubscribed, true);
  });

  it("lets a listener disconnect the whole client", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const losses = recordLosses(channel);
    channel.onDisconnect(() => client.realtime.disconnect());
    client.server.drop();
    await client.clock.advance(60_000);
    assert.deepEqual(losses, [["network", false]]);
    assert.equal(client.realtime.status, "disconnected");
    assert.equal(client.clock.pendingTimers, 0);
  });
});

describe("Channel.left", () => {
  it("resolves when the server confirmed", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    channel.unsubscribe();
    await channel.left;
    assert.equal(client.channels.subscribers("chat/general"), 0);
  });

  it("resolves at once where another handle goes on, and where nothing stood", async () => {
    const client = new FakeChannelClient();
    const [one] = [await client.subscribed(), await client.subscribed()];
    const never = client.realtime.channel("chat/other");
    one.unsubscribe();
    never.unsubscribe();
    await Promise.all([one.left, never.left]);
    assert.deepEqual(client.channels.asked("unsubscribe"), []);
  });

  it("does not wait longer than 2 s for a server that says nothing", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.channels.hold = ({ name }) => name === "unsubscribe";
    channel.unsubscribe();
    let hasLeft = false;
    void channel.left.then(() => (hasLeft = true));
    await client.clock.advance(LEAVE_TIMEOUT_MS - 1);
    assert.equal(hasLeft, false);
    await client.clock.advance(1);
    assert.equal(hasLeft, true);
  });
});

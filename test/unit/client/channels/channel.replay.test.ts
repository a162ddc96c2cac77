import assert from "node:assert/strict";
import type { Channel } from "../../../../client/channels/channel.ts";
import { PRESENCE_INTERVAL_MS } from "../../../../shared/limits.ts";
import {
  FakeChannelClient,
  record,
  recordMessages,
  REJOIN_MS,
} from "../../../support/fake-channel-client.ts";

const TOPIC = "chat/general";

describe("Channel whose missed publications come in parts", () => {
  let client: FakeChannelClient;
  let channel: Channel;
  let heard: unknown[];

  beforeEach(async () => {
    client = new FakeChannelClient();
    client.channels.partSize = 2;
    channel = await client.subscribed();
    heard = record(channel, "message", "recovery", "resync");
  });

  function publish(...messages: number[]): void {
    for (const message of messages) client.publish(message);
  }

  const recovery = (replayed: number, recovered = true): unknown => [
    "recovery",
    { topic: TOPIC, recovered, replayed },
  ];
  const messages = (...data: number[]): unknown[] => data.map((each) => ["message", each]);

  it("is told all of them together, once and in order, and what is live behind them", async () => {
    await client.dropAndReturn(() => publish(1, 2, 3, 4, 5));
    publish(6);
    await client.settle();
    assert.deepEqual(heard, [recovery(5), ...messages(1, 2, 3, 4, 5, 6)]);
    const asked = client.channels.asked("subscribe").slice(1);
    assert.deepEqual(
      asked.map(({ since }) => (since as { offset: number }).offset),
      [0, 2, 4],
    );
  });

  it("goes on where it was when the connection is lost in the middle", async () => {
    client.channels.hold = ({ name, given }) =>
      name === "subscribe" && (given["since"] as { offset?: number } | undefined)?.offset === 2;
    await client.dropAndReturn(() => publish(1, 2, 3, 4, 5));
    assert.deepEqual(heard, []);
    client.channels.hold = undefined;
    await client.dropAndReturn(() => publish(6));
    assert.deepEqual(heard, [recovery(6), ...messages(1, 2, 3, 4, 5, 6)]);
  });

  it("is told resync, and nothing of the parts, when the rest is gone meanwhile", async () => {
    client.channels.hold = ({ name, given }) =>
      name === "subscribe" && (given["since"] as { offset?: number } | undefined)?.offset === 2;
    await client.dropAndReturn(() => publish(1, 2, 3, 4, 5));
    client.channels.forget(TOPIC);
    client.channels.hold = undefined;
    client.channels.release();
    await client.settle();
    assert.deepEqual(heard, [
      recovery(0, false),
      ["resync", { topic: TOPIC, recovered: false, replayed: 0 }],
    ]);
  });

  it("shows its presence once it is live", async () => {
    await Promise.all([channel.track({ at: 1 }), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    await client.dropAndReturn(() => publish(1, 2, 3, 4, 5));
    await client.clock.advance(PRESENCE_INTERVAL_MS);
    assert.equal(channel.presenceState().size, 1);
    assert.deepEqual(heard, [recovery(5), ...messages(1, 2, 3, 4, 5)]);
  });

  it("hears nothing when it is left in the middle, and the next one begins anew", async () => {
    client.channels.hold = ({ name, given }) =>
      name === "subscribe" && (given["since"] as { offset?: number } | undefined)?.offset === 2;
    await client.dropAndReturn(() => publish(1, 2, 3, 4, 5));
    channel.unsubscribe();
    client.channels.hold = undefined;
    client.channels.release();
    await client.clock.advance(REJOIN_MS);
    assert.deepEqual(heard, []);
    const next = await client.subscribed();
    const fresh = recordMessages(next);
    publish(6);
    await client.settle();
    assert.deepEqual([heard, fresh], [[], [6]]);
  });

  it("is refused by a server that always has more and never says anything", async () => {
    const errors: string[] = [];
    channel.subscribe((status, error) => errors.push(`${status} ${error?.code}`));
    client.channels.partSize = 0;
    await client.dropAndReturn(() => publish(1));
    assert.equal(errors.at(-1), "CHANNEL_ERROR frame-malformed");
    assert.ok(client.channels.asked("subscribe").length < 10);
  });
});

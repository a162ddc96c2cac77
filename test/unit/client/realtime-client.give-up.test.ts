import assert from "node:assert/strict";
import type { ReconnectOptions } from "../../../client/connection/reconnect-policy.ts";
import type { SyncError } from "../../../shared/errors.ts";
import { RECONNECT_STABLE_MS } from "../../../shared/limits.ts";
import { FakeChannelClient, REJOIN_MS } from "../../support/fake-channel-client.ts";
import { refusal } from "../../support/fake-room-server.ts";
import { refusalOf } from "../../support/refusal-of.ts";

/** A client whose server is gone, and what its channel was told. */
async function lostClient(
  reconnect?: ReconnectOptions,
): Promise<{ client: FakeChannelClient; attempts: () => number; told: string[] }> {
  const client = new FakeChannelClient(reconnect === undefined ? {} : { reconnect });
  const channel = client.realtime.channel("chat/general");
  const told: string[] = [];
  channel.subscribe((status, error) => told.push(error?.code ?? status));
  await client.settle();
  const before = client.server.asked.length;
  client.server.intercept = () => ({ status: 502, body: "" });
  client.server.drop();
  await client.settle();
  return { client, attempts: () => client.server.asked.length - before, told };
}

describe("RealtimeClient reconnecting", () => {
  it("never gives up unless it is told to", async () => {
    const { client, attempts } = await lostClient();
    await client.clock.advance(24 * 3_600_000);
    assert.equal(client.realtime.status, "reconnecting");
    assert.ok(attempts() > 1_000);
  });

  it("gives up after maxAttempts in a row, with an error", async () => {
    const { client, attempts, told } = await lostClient({ maxAttempts: 3 });
    const heard: string[] = [];
    client.realtime.onMaxRetriesExceeded(({ code }) => heard.push(code, client.realtime.status));
    await client.clock.advance(3_600_000);
    assert.deepEqual(heard, ["unreachable", "disconnected"]);
    assert.equal(attempts(), 3);
    assert.equal(client.realtime.status, "disconnected");
    assert.deepEqual(told, ["SUBSCRIBED", "unreachable"]);
  });

  it("says nothing of having given up when it was refused or disconnected", async () => {
    for (const end of ["refused", "disconnected"]) {
      const { client } = await lostClient({ maxAttempts: 3 });
      const heard: unknown[] = [];
      client.realtime.onMaxRetriesExceeded((error) => heard.push(error));
      client.server.intercept = () => refusal(401, "auth-failed");
      if (end === "disconnected") client.realtime.disconnect();
      await client.clock.advance(3_600_000);
      assert.equal(client.realtime.status, "disconnected");
      assert.deepEqual(heard, []);
    }
  });

  it("does not try at all with maxAttempts 0, nor when it is not enabled", async () => {
    for (const reconnect of [{ maxAttempts: 0 }, { enabled: false }]) {
      const { client, attempts, told } = await lostClient(reconnect);
      await client.clock.advance(3_600_000);
      assert.equal(attempts(), 0);
      assert.equal(client.realtime.status, "disconnected");
      assert.deepEqual(told, ["SUBSCRIBED", "unreachable"]);
    }
  });

  it("counts the attempts of each loss by themselves", async () => {
    const { client } = await lostClient({ maxAttempts: 2 });
    for (let losses = 0; losses < 3; losses += 1) {
      await client.clock.advance(REJOIN_MS);
      client.server.intercept = undefined;
      await client.clock.advance(2 * REJOIN_MS);
      assert.equal(client.realtime.status, "connected");
      await client.clock.advance(RECONNECT_STABLE_MS);
      client.server.intercept = () => ({ status: 502, body: "" });
      client.server.drop();
      await client.settle();
    }
    assert.equal(client.realtime.status, "reconnecting");
  });

  it("tries a first connection as often, and once with maxAttempts 0", async () => {
    for (const maxAttempts of [0, 2]) {
      const client = new FakeChannelClient({ reconnect: { maxAttempts } });
      client.server.intercept = () => ({ status: 502, body: "" });
      const errors: SyncError[] = [];
      client.realtime.connect().catch((error: SyncError) => errors.push(error));
      await client.clock.advance(3_600_000);
      assert.equal(client.server.asked.length, 1 + maxAttempts);
      assert.deepEqual(
        errors.map(({ code }) => code),
        ["unreachable"],
      );
    }
  });

  it("connects again when it is asked to after it gave up", async () => {
    const { client } = await lostClient({ maxAttempts: 0 });
    await client.settle();
    client.server.intercept = undefined;
    const connected = client.realtime.connect();
    await client.settle();
    await connected;
    assert.equal(client.realtime.status, "connected");
  });

  it("waits as long as it is told between two attempts, also not at all", async () => {
    const { client, attempts } = await lostClient({ initialDelayMs: 100, maxDelayMs: 200 });
    await client.clock.advance(10_000);
    assert.ok(attempts() >= 40 && attempts() <= 65, `${attempts()} attempts`);
    const hasty = await lostClient({ initialDelayMs: 0, maxAttempts: 5 });
    await hasty.client.clock.advance(1);
    assert.equal(hasty.attempts(), 5);
  });

  it("refuses what is no number from 0", async () => {
    for (const reconnect of [{ maxAttempts: -1 }, { initialDelayMs: NaN }, { maxDelayMs: -5 }]) {
      const { code } = await refusalOf(() => new FakeChannelClient({ reconnect }));
      assert.equal(code, "options-invalid");
    }
  });
});

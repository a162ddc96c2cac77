import assert from "node:assert/strict";
import type { SyncError } from "../../../shared/errors.ts";
import { LEAVE_TIMEOUT_MS } from "../../../shared/limits.ts";
import { CloseCode } from "../../../shared/protocol/close-codes.ts";
import { FakeClient } from "../../support/fake-client.ts";
import { refusal } from "../../support/fake-room-server.ts";

function watchStatus(client: FakeClient): string[] {
  const seen: string[] = [];
  client.realtime.onStatusChange((status) => seen.push(status));
  return seen;
}

describe("RealtimeClient.onStatusChange", () => {
  it("tells a new listener the present status, but not inside the call", async () => {
    const client = new FakeClient();
    const seen = watchStatus(client);
    assert.deepEqual(seen, []);
    await client.settle();
    assert.deepEqual(seen, ["idle"]);
  });

  it("tells a change that comes first in place of the status before it", async () => {
    const client = new FakeClient();
    const seen = watchStatus(client);
    await client.join();
    assert.deepEqual(seen, ["connecting", "connected"]);
  });

  it("tells nothing after the unsubscribe, not even the first time", async () => {
    const client = new FakeClient();
    const seen: string[] = [];
    client.realtime.onStatusChange((status) => seen.push(status))();
    await client.join();
    assert.deepEqual(seen, []);
  });

  it("goes from connected through reconnecting back to connected", async () => {
    const client = new FakeClient();
    await client.join();
    const seen = watchStatus(client);
    client.server.drop();
    await client.clock.advance(2_000);
    assert.deepEqual(seen, ["connected", "reconnecting", "connected"]);
  });

  it("is idle after the last room was left on purpose", async () => {
    const client = new FakeClient();
    const room = await client.join();
    await Promise.all([room.leave(), client.settle()]);
    assert.equal(client.realtime.status, "idle");
  });

  it("is disconnected after a join that failed, and connecting at the next", async () => {
    const client = new FakeClient();
    client.server.intercept = () => refusal(404, "room-unknown");
    await assert.rejects(client.startJoin());
    assert.equal(client.realtime.status, "disconnected");
    client.server.intercept = undefined;
    const seen = watchStatus(client);
    await client.join();
    assert.deepEqual(seen, ["connecting", "connected"]);
  });

  it("is disconnected after the server ended the last room", async () => {
    const client = new FakeClient();
    await client.join();
    client.server.lastSocket.pair.server.close(CloseCode.CONSENTED);
    await client.settle();
    assert.equal(client.realtime.status, "disconnected");
  });

  it("stays connected while a second room is joined and while it is left", async () => {
    const client = new FakeClient();
    await client.join();
    const seen = watchStatus(client);
    const second = await client.join();
    await Promise.all([second.leave(), client.settle()]);
    assert.deepEqual(seen, ["connected"]);
  });

  it("is reconnecting while one of two rooms is away", async () => {
    const client = new FakeClient();
    await client.join();
    await client.join();
    const seen = watchStatus(client);
    client.server.lastSocket.pair.server.close(CloseCode.ABNORMAL);
    await client.clock.advance(2_000);
    assert.deepEqual(seen, ["connected", "reconnecting", "connected"]);
  });
});

describe("RealtimeClient.disconnect", () => {
  it("leaves every room at once and tells each why", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const left: unknown[] = [];
    room.onLeave((code) => left.push(code));
    client.realtime.disconnect();
    assert.deepEqual(left, [CloseCode.CONSENTED]);
    assert.equal(client.realtime.status, "disconnected");
    await client.settle();
    assert.equal(client.server.room.seats.size, 0);
    assert.equal(client.server.lastSocket.pair.server.closed?.code, CloseCode.CONSENTED);
  });

  it("leaves no timer, listener or socket behind, and nothing comes back", async () => {
    const client = new FakeClient();
    await client.join();
    client.server.drop();
    await client.settle();
    client.realtime.disconnect();
    assert.equal(client.clock.pendingTimers, 0);
    assert.equal(client.wakeSignals.listeners, 0);
    const asked = client.server.asked.length;
    client.wakeSignals.wake();
    await client.clock.advance(120_000);
    assert.equal(client.server.asked.length, asked);
    assert.equal(client.realtime.status, "disconnected");
  });

  it("can be waited for: until the server knows, and not for longer than 2 s", async () => {
    const known = new FakeClient();
    await known.join();
    known.realtime.disconnect();
    await Promise.all([known.realtime.left, known.settle()]);
    assert.equal(known.clock.pendingTimers, 0);
    const unheard = new FakeClient();
    await unheard.join();
    unheard.server.lastSocket.pair.cut();
    unheard.realtime.disconnect();
    let isOver = false;
    void unheard.realtime.left.then(() => (isOver = true));
    await unheard.clock.advance(LEAVE_TIMEOUT_MS - 1);
    assert.equal(isOver, false);
    await unheard.clock.advance(1);
    assert.equal(isOver, true);
    const never = new FakeClient();
    never.realtime.disconnect();
    await never.realtime.left;
  });

  it("ends a join that waits for matchmaking", async () => {
    const client = new FakeClient();
    client.server.intercept = () => new Promise(() => undefined);
    const joining = client.startJoin();
    await client.settle();
    client.realtime.disconnect();
    await assert.rejects(joining, { code: "closed" });
    assert.equal(client.clock.pendingTimers, 0);
  });

  it("ends a join in every later step too, and closes what was opened", async () => {
    for (let steps = 0; steps < 30; steps += 1) {
      const client = new FakeClient();
      const joining = client.startJoin().then(
        () => "joined",
        (error: SyncError) => error.code,
      );
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      client.realtime.disconnect();
      assert.ok(["joined", "closed"].includes(await joining));
      await client.settle();
      assert.equal(client.clock.pendingTimers, 0, `after ${steps} steps`);
      for (const { pair } of client.server.sockets) assert.equal(pair.client.readyState, 3);
    }
  });

  it("ends a rejoin that waits for matchmaking", async () => {
    const client = new FakeClient();
    await client.join();
    client.server.drop();
    client.server.intercept = () => new Promise(() => undefined);
    await client.clock.advance(2_000);
    client.realtime.disconnect();
    await client.clock.advance(120_000);
    assert.equal(client.clock.pendingTimers, 0);
    assert.equal(client.server.sockets.length, 1);
  });

  it("refuses every later join", async () => {
    const client = new FakeClient();
    client.realtime.disconnect();
    await assert.rejects(client.startJoin(), { code: "closed" });
    assert.equal(client.server.asked.length, 0);
  });

  it("rejects requests under way and later ones", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.room.onRequest = undefined;
    const waiting = assert.rejects(room.request("add", { by: 1 }), { code: "closed" });
    client.realtime.disconnect();
    await waiting;
    await assert.rejects(room.request("add", { by: 1 }), { code: "closed" });
    await assert.rejects(room.ping(), { code: "disconnected" });
  });
});

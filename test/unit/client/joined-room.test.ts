import assert from "node:assert/strict";
import {
  LEAVE_TIMEOUT_MS,
  MAX_INBOUND_FRAME_BYTES,
  MAX_OUTBOX_AGE_MS,
  MAX_OUTBOX_MESSAGES,
  REQUEST_TIMEOUT_MS,
} from "../../../shared/limits.ts";
import { CloseCode } from "../../../shared/protocol/close-codes.ts";
import { FakeClient } from "../../support/fake-client.ts";

type Intent = [version: number, id: string, name: string, payload: unknown];

function intentsOf(client: FakeClient): Intent[] {
  return client.server.room.requests.map(({ payload }) => payload as Intent);
}

describe("JoinedRoom.request", () => {
  it("sends an intent with the protocol version and an id of its own", async () => {
    const client = new FakeClient();
    const room = await client.join();
    await Promise.all([room.request("add", { by: 1 }), room.request("add", { by: 2 })]);
    const [first, second] = intentsOf(client);
    assert.deepEqual([first?.[0], first?.[2], first?.[3]], [1, "add", { by: 1 }]);
    assert.match(first![1], /^[0-9a-z]{12}-1$/);
    assert.equal(second![1], first![1].replace(/1$/, "2"));
    assert.equal(client.server.room.requests[0]?.type, "atrium:intent");
  });

  it("resolves with the reply, once the state holds what was asked for", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const { room: server } = client.server;
    server.onRequest = undefined;
    const reply = room.request("add", { by: 3 }).then((value) => [value, room.state.count]);
    await client.settle();
    client.state.count = 3;
    server.tick();
    server.reply(server.requests[0]!, 42);
    assert.deepEqual(await reply, [42, 3]);
  });

  it("rejects with the room's refusal and when to try again", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const { room: server } = client.server;
    server.onRequest = undefined;
    const reply = room.request("add", { by: 1 });
    await client.settle();
    const refusal = { code: "cooldown", message: "wait", retryAfterMs: 900 } as const;
    server.reject(server.requests[0]!, refusal);
    await assert.rejects(reply, { name: "SyncError", ...refusal });
  });

  it('rejects with "handler-failed" when the room failed', async () => {
    const client = new FakeClient();
    const room = await client.join();
    const { room: server } = client.server;
    server.onRequest = undefined;
    const reply = room.request("add", { by: 1 });
    await client.settle();
    server.fail(server.requests[0]!, "boom");
    await assert.rejects(reply, { code: "handler-failed", message: "boom" });
  });

  it(`rejects with "timed-out" after ${REQUEST_TIMEOUT_MS} ms without a reply`, async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.room.onRequest = undefined;
    let code = "";
    room.request("add", { by: 1 }).catch((error: { code: string }) => {
      code = error.code;
    });
    await client.clock.advance(REQUEST_TIMEOUT_MS - 1);
    assert.equal(code, "");
    await client.clock.advance(1);
    assert.equal(code, "timed-out");
    // A reply that comes too late changes nothing.
    client.server.room.reply(client.server.room.requests[0]!, 1);
    await client.settle();
    assert.equal(room.isConnected, true);
  });

  it("gives up after the caller's own time, also while away", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.drop();
    client.server.intercept = () => new Promise(() => undefined);
    await client.settle();
    const reply = assert.rejects(room.request("add", { by: 1 }, { timeoutMs: 500 }), {
      code: "timed-out",
    });
    await client.clock.advance(500);
    await reply;
  });

  it("rejects a payload that cannot be encoded or is too large, and sends nothing", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const circular: { by: number; self?: unknown } = { by: 1 };
    circular.self = circular;
    await assert.rejects(room.request("add", circular), { code: "payload-invalid" });
    const large = { by: 1, text: "x".repeat(MAX_INBOUND_FRAME_BYTES) };
    await assert.rejects(room.request("add", large), { code: "frame-too-large" });
    assert.equal(client.server.room.requests.length, 0);
  });

  it("sends what was under way at a drop again, with the same ids and in order", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const { room: server } = client.server;
    server.onRequest = undefined;
    const replies = [1, 2, 3].map((by) => room.request("add", { by }));
    await client.settle();
    server.reply(server.requests[0]!, "first");
    await client.settle();
    client.server.drop();
    await client.settle();
    replies.push(room.request("add", { by: 4 }));
    server.onRequest = ({ payload }) => (payload as Intent)[3];
    await client.clock.advance(2_000);

    assert.deepEqual(await Promise.all(replies), ["first", { by: 2 }, { by: 3 }, { by: 4 }]);
    const ids = intentsOf(client).map(([, id]) => Number(id.split("-")[1]));
    assert.deepEqual(ids, [1, 2, 3, 2, 3, 4]);
  });

  it("sends them to the new instance too, after a restart", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.room.onRequest = undefined;
    const reply = room.request("add", { by: 1 });
    await client.settle();
    const [, id] = intentsOf(client)[0]!;
    client.server.restart();
    await client.clock.advance(2_000);
    await reply;
    assert.equal(intentsOf(client)[0]?.[1], id);
  });

  it("sends nothing again that was answered or given up", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.room.onRequest = undefined;
    const reply = assert.rejects(room.request("add", { by: 1 }, { timeoutMs: 100 }));
    await client.clock.advance(100);
    await reply;
    client.server.drop();
    await client.clock.advance(2_000);
    assert.equal(client.server.room.requests.length, 1);
  });

  it(`holds the latest ${MAX_OUTBOX_MESSAGES} requests while away and gives up those before`, async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.drop();
    await client.settle();
    const oldest = room.request("add", { by: 1 });
    const givenUp = assert.rejects(oldest, { code: "disconnected" });
    const held = Array.from({ length: MAX_OUTBOX_MESSAGES }, () => room.request("add", { by: 1 }));
    await givenUp;
    await client.clock.advance(2_000);
    await Promise.all(held);
  });

  it(`gives up a request that waited ${MAX_OUTBOX_AGE_MS} ms for a connection`, async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.drop();
    client.server.intercept = () => ({ status: 503, body: "" });
    await client.settle();
    const reply = assert.rejects(room.request("add", { by: 1 }), { code: "disconnected" });
    await client.clock.advance(MAX_OUTBOX_AGE_MS);
    await reply;
    client.server.intercept = undefined;
    await client.clock.advance(60_000);
    assert.equal(client.server.room.requests.length, 0);
  });

  it("sends a plain Colyseus room its own message, and not twice", async () => {
    const client = new FakeClient();
    client.server.room.saysHello = false;
    const room = await client.join();
    client.server.room.onRequest = undefined;
    const reply = assert.rejects(room.request("add", { by: 1 }), { code: "disconnected" });
    await client.settle();
    client.server.drop();
    await client.clock.advance(2_000);
    await reply;
    const [request, ...repeated] = client.server.room.requests;
    assert.deepEqual([request?.type, request?.payload], ["add", { by: 1 }]);
    assert.deepEqual(repeated, []);
  });
});

describe("JoinedRoom", () => {
  it("hands a refused send to onError", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const { room: server } = client.server;
    server.onRequest = undefined;
    const errors: string[] = [];
    room.onError((error) => errors.push(error.code));
    room.send("reset");
    await client.settle();
    server.reject(server.requests[0]!, { code: "rate-limited", message: "slower" });
    await client.settle();
    assert.deepEqual(errors, ["rate-limited"]);
  });

  it("delivers messages by type, bytes too, until the unsubscribe", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const { room: server, lastSeat } = client.server;
    const heard: unknown[] = [];
    const stop = room.onMessage("chat", (payload) => heard.push(payload));
    room.onMessage("bytes", (payload) => heard.push(payload));
    server.send(lastSeat, "other", 0);
    server.send(lastSeat, "chat", "hi");
    server.write(lastSeat, [17, 0xa5, ...new TextEncoder().encode("bytes"), 1, 2, 3]);
    await client.settle();
    stop();
    server.send(lastSeat, "chat", "unheard");
    await client.settle();
    assert.deepEqual(heard, ["hi", Uint8Array.of(1, 2, 3)]);
  });

  it("reports an error of the room without ending", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const errors: string[] = [];
    room.onError((error) => errors.push(error.message));
    client.server.room.write(client.server.lastSeat, [11, 5, 0xa2, 0x6e, 0x6f]);
    await client.settle();
    assert.deepEqual(errors, ["no"]);
    assert.equal(room.isConnected, true);
  });

  it("tells onStateChange of every patch", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const counts: number[] = [];
    room.onStateChange((state) => counts.push(state.count));
    for (const count of [1, 2]) {
      client.state.count = count;
      client.server.room.tick();
    }
    await client.settle();
    assert.deepEqual(counts, [1, 2]);
  });

  it("counts what arrives over all connections since the join", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const before = { ...room.traffic };
    client.state.count = 1;
    client.server.room.tick();
    await client.settle();
    assert.equal(room.traffic.patches - before.patches, 1);
    assert.equal(room.traffic.frames - before.frames, 1);
    const patchBytes = room.traffic.patchBytes - before.patchBytes;
    assert.equal(room.traffic.bytes - before.bytes, patchBytes);
    client.server.drop();
    await client.clock.advance(2_000);
    assert.ok(room.traffic.frames >= before.frames + 4);
  });

  it("measures the round trip, each ping for itself", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const { pair } = client.server.lastSocket;
    pair.hold();
    const first = room.ping();
    client.clock.advanceSync(30);
    const second = room.ping();
    client.clock.advanceSync(20);
    pair.release();
    await client.settle();
    assert.deepEqual(await Promise.all([first, second]), [50, 20]);
  });

  it("rejects a ping whose connection is lost, and one while away", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.lastSocket.pair.cut();
    const lost = assert.rejects(room.ping(), { code: "disconnected" });
    await client.clock.advance(9_000);
    await lost;
    await assert.rejects(room.ping(), { code: "disconnected" });
  });

  it("ends when the server asks it to leave", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const left: unknown[] = [];
    room.onLeave((code) => left.push(code));
    client.server.room.write(client.server.lastSeat, [12]);
    await client.clock.advance(60_000);
    assert.deepEqual(left, [CloseCode.CONSENTED]);
    assert.equal(client.server.sockets.length, 1);
  });
});

describe("JoinedRoom.leave", () => {
  it("resolves when the server has let it go, and tells onLeave once", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const left: unknown[] = [];
    room.onLeave((code, reason) => left.push([code, reason]));
    await Promise.all([room.leave(), room.leave(), client.settle()]);
    assert.deepEqual(left, [[CloseCode.CONSENTED, "left"]]);
    assert.equal(client.server.room.seats.size, 0);
    assert.equal(client.clock.pendingTimers, 0);
    assert.equal(client.wakeSignals.listeners, 0);
  });

  it(`does not wait for a silent server longer than ${LEAVE_TIMEOUT_MS} ms`, async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.lastSocket.pair.cut();
    const leaving = room.leave();
    await client.clock.advance(LEAVE_TIMEOUT_MS);
    await leaving;
    assert.equal(client.clock.pendingTimers, 0);
  });

  it("stops a rejoin that is under way", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.drop();
    await client.settle();
    await room.leave();
    await client.clock.advance(60_000);
    assert.equal(client.server.sockets.length, 1);
    assert.equal(client.realtime.status, "idle");
  });

  it("lets requests before it be answered and refuses those after it", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.room.onRequest = () => "done";
    const before = room.request("add", { by: 1 });
    await Promise.all([room.leave(), client.settle()]);
    assert.equal(await before, "done");
    await assert.rejects(room.request("add", { by: 1 }), { code: "closed" });
  });

  it("keeps the last state readable and calls no listener any more", async () => {
    const client = new FakeClient();
    client.state.count = 8;
    const room = await client.join();
    let calls = 0;
    room.onStateChange(() => {
      calls += 1;
    });
    await Promise.all([room.leave(), client.settle()]);
    client.server.room.tick();
    await client.settle();
    assert.equal(room.state.count, 8);
    assert.equal(calls, 0);
  });

  it("can be called from onDrop", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const left: unknown[] = [];
    room.onLeave((code) => left.push(code));
    room.onDrop(() => void room.leave());
    client.server.drop();
    await client.clock.advance(60_000);
    assert.deepEqual(left, [CloseCode.CONSENTED]);
    assert.equal(client.server.sockets.length, 1);
  });
});

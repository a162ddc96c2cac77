import assert from "node:assert/strict";
import { Protocol } from "@colyseus/shared-types";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import type { RoomClient } from "../../server/transport/websocket-client.ts";
import { MAX_QUEUED_BYTES } from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { digestOf, StockClientProcess } from "../support/stock-client-process.ts";
import { waitUntil } from "../support/wait-until.ts";

const Texts = schema({ texts: t.map("string") }, "SlowTexts");
type Texts = SchemaType<typeof Texts>;

class TextRoom extends SyncRoom<{ state: Texts }> {
  override state = new Texts();
  readonly slow: string[] = [];

  override onSlow(client: RoomClient): void {
    this.slow.push(client.sessionId);
  }

  /** One patch of `bytes`, now. */
  sendPatch(key: string, bytes: number): void {
    this.state.texts.set(key, key.repeat(bytes / key.length));
    this.broadcastPatch();
  }
}

/** More than the kernel's buffers and the queue hold together. */
const LARGE_BYTES = 16_000_000;

/** Bytes that wait on the server because the client does not read them. */
function bufferedBytes(client: RoomClient | undefined): number {
  return client?.ref.bufferedAmount ?? 0;
}

describe("a stalled client", () => {
  it("with the stock SDK has the server's state after 14 patches of 600 KB", async () => {
    await using server = await startTestServer({ rooms: { texts: TextRoom } });
    await using stalled = await StockClientProcess.start(server.wsUrl, "texts");
    const healthy = await server.joinStock<Texts>("texts");
    const room = localRoom(TextRoom, healthy);
    const [slow] = room.clients;
    await waitUntil(async () => (await stalled.report("stateChanges")) > 0);

    stalled.stall();
    for (let patch = 0; patch < 14; patch += 1) {
      room.sendPatch(String.fromCodePoint(97 + patch), 600_000);
      // Lets the sockets have their turn, or nothing would be in the kernel yet.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitUntil(() => healthy.state.texts.size === 14, { timeoutMs: 10_000 });
    assert.deepEqual(room.slow, [slow?.sessionId]);
    const queued = bufferedBytes(slow);
    assert.ok(queued > 0 && queued <= MAX_QUEUED_BYTES, `${queued} bytes are queued`);

    stalled.resume();
    const expected = digestOf(room.state);
    await waitUntil(() => bufferedBytes(slow) === 0, { timeoutMs: 15_000 });
    await waitUntil(async () => (await stalled.report("digest")) === expected, {
      timeoutMs: 15_000,
      what: "the stalled client has the server's state",
    });
    assert.equal(digestOf(healthy.state), expected);
  });

  it("has the state of its join, whole and unmixed, though the room went on", async () => {
    await using server = await startTestServer({ rooms: { texts: TextRoom } });
    const seat = await server.reserveSeat("texts");
    const room = localRoom(TextRoom, seat);
    for (const key of ["a", "b", "c", "d"]) room.sendPatch(key, 1_500_000);
    const atJoin = digestOf(room.state);

    const stalled = server.takeSeat(seat, { acknowledges: false });
    await waitUntil(() => stalled.codes.includes(Protocol.JOIN_ROOM));
    stalled.pause();
    stalled.send(Uint8Array.of(Protocol.JOIN_ROOM));
    const [slow] = room.clients;
    await waitUntil(() => bufferedBytes(slow) > 0, { what: "the full state waits in the server" });

    // Another full state, and patches, are encoded while the first one still waits.
    room.sendPatch("e", 500_000);
    await server.joinFrames("texts");
    room.state.texts.set("a", "A".repeat(500_000));
    room.broadcastPatch();

    const states: string[] = [];
    stalled.onFrame = ({ code }) => {
      if (code === Protocol.ROOM_STATE) states.push(digestOf(stalled.state));
      if (code === Protocol.ROOM_STATE_PATCH) states.push("patch");
    };
    stalled.resume();
    await waitUntil(() => (stalled.state as Texts).texts.get("a")?.startsWith("A"), {
      timeoutMs: 10_000,
      what: "the stalled client has caught up",
    });
    assert.deepEqual(states, [atJoin, digestOf(room.state)], "one state in place of the patches");
    assert.equal(digestOf(stalled.state), digestOf(room.state));
  });

  for (const queuedBytes of [MAX_QUEUED_BYTES, 300_000]) {
    it(`is closed with 4105 when over ${queuedBytes} bytes of messages wait, and others miss nothing`, async () => {
      const limits = { connection: { queuedBytes } };
      await using server = await startTestServer({ rooms: { texts: TextRoom }, limits });
      const stalled = await server.joinFrames("texts");
      const healthy = await server.joinFrames("texts");
      const room = localRoom(TextRoom, healthy.seat);
      const [slow, other] = room.clients;
      stalled.pause();
      const text = "x".repeat(100_000);
      let peak = 0;
      let sent = 0;
      while (slow?.ref.readyState === WebSocket.OPEN) {
        room.broadcast("news", text);
        room.broadcastPatch();
        sent += 1;
        peak = Math.max(peak, bufferedBytes(slow));
        // oxlint-disable-next-line no-await-in-loop -- as fast as somebody reads who does
        await waitUntil(() => bufferedBytes(other) === 0);
      }
      assert.ok(peak <= queuedBytes, `${peak} bytes were queued`);
      await waitUntil(() => healthy.messages("news").length === sent, {
        what: "the healthy client to have them all",
      });
      stalled.resume();
      assert.equal((await stalled.waitForClose()).code, CloseCode.TOO_SLOW);
    });
  }

  it("gets what it is told in a tick whose patch it skipped behind the state that makes up for it", async () => {
    await using server = await startTestServer({ rooms: { texts: TextRoom } });
    const stalled = await server.joinFrames("texts");
    const room = localRoom(TextRoom, stalled.seat);
    stalled.pause();
    for (let patch = 0; room.slow.length === 0; patch += 1) {
      room.sendPatch(`${patch}`, 400_000);
      // oxlint-disable-next-line no-await-in-loop -- lets the sockets have their turn
      await new Promise((resolve) => setImmediate(resolve));
    }
    room.state.texts.set("told", "yes");
    room.broadcast("told");
    room.broadcastPatch();
    const toldWith: unknown[] = [];
    stalled.onFrame = ({ code }) => {
      if (code !== Protocol.ROOM_DATA) return;
      toldWith.push((stalled.state as Texts).texts.get("told"));
    };
    stalled.resume();
    await waitUntil(() => toldWith.length > 0, { timeoutMs: 10_000 });
    assert.deepEqual(toldWith, ["yes"]);
  });

  it("is told behind the next state what happens while it reads a frame larger than its queue", async () => {
    await using server = await startTestServer({ rooms: { texts: TextRoom } });
    const stalled = await server.joinFrames("texts");
    const room = localRoom(TextRoom, stalled.seat);
    const [slow] = room.clients;
    stalled.pause();
    slow?.sendBytes("large", new Uint8Array(LARGE_BYTES));
    room.broadcastPatch();
    await waitUntil(() => bufferedBytes(slow) > MAX_QUEUED_BYTES);

    room.broadcast("told", "skip");
    room.sendPatch("a", 5_000);
    assert.deepEqual(room.slow, [slow?.sessionId]);
    room.broadcast("told", "skip");
    room.broadcastPatch();
    stalled.resume();
    await waitUntil(() => stalled.messages("told").length === 2, { timeoutMs: 10_000 });
    assert.equal(digestOf(stalled.state), digestOf(room.state));
  });
});

import assert from "node:assert/strict";
import { Protocol } from "@colyseus/shared-types";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import type { RoomClient } from "../../server/transport/websocket-client.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { digestOf, StockClientProcess } from "../support/stock-client-process.ts";
import { waitUntil } from "../support/wait-until.ts";

const Texts = schema({ texts: t.map("string") }, "SlowTexts");
type Texts = SchemaType<typeof Texts>;

class TextRoom extends SyncRoom<{ state: Texts }> {
  override state = new Texts();

  /** One patch of `bytes`, now. */
  sendPatch(key: string, bytes: number): void {
    this.state.texts.set(key, key.repeat(bytes / key.length));
    this.broadcastPatch();
  }
}

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
    assert.ok(bufferedBytes(slow) > 1_000_000, `${bufferedBytes(slow)} bytes were held back`);

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
    };
    stalled.resume();
    await waitUntil(() => (stalled.state as Texts).texts.get("a")?.startsWith("A"), {
      timeoutMs: 10_000,
      what: "the stalled client has caught up",
    });
    assert.deepEqual(states, [atJoin]);
    assert.equal(digestOf(stalled.state), digestOf(room.state));
  });
});

import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { Protocol } from "@colyseus/shared-types";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { memoryStore } from "../support/memory-store.ts";
import { requestFrame, type FrameClient } from "../support/frame-client.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Count = schema({ value: t.number().default(0) }, "LeavingCount");
type Count = SchemaType<typeof Count>;

class CountRoom extends SyncRoom<{ state: Count }> {
  override state = new Count();
  // Slow enough that everything below happens between two ticks.
  override ticksPerSecond = 4;
  override messages = {
    add: () => (this.state.value += 1),
    addAndGo: () => {
      this.state.value += 1;
      void this.disconnect(CloseCode.SERVER_SHUTDOWN);
      return this.state.value;
    },
    addAndKick: (client: { sessionId: string }) => {
      this.state.value += 1;
      this.kickClient(client.sessionId, CloseCode.WITH_ERROR);
      return this.state.value;
    },
  };
}

/** What the client was told, and what it knew when it was told. */
async function askAndLeave(client: FrameClient, name: string): Promise<unknown[]> {
  const told: unknown[] = [];
  client.onFrame = ({ code, payload }) => {
    if (code === Protocol.ROOM_RESPONSE) told.push([payload, (client.state as Count).value]);
  };
  client.send(requestFrame(1, name));
  await client.waitForClose();
  return told;
}

describe("a client that leaves with an answer on its way", () => {
  for (const name of ["addAndGo", "addAndKick"]) {
    it(`has the effect of what it is told, when the room does: ${name}`, async () => {
      await using server = await startTestServer({ rooms: { count: CountRoom } });
      const client = await server.joinFrames("count");
      const told = await askAndLeave(client, name);
      for (const [answer, known] of told as [number, number][]) assert.equal(known, answer);
    });
  }

  it("has the effect of what it is told, when the server closes", async () => {
    await using server = await startTestServer({ rooms: { count: CountRoom } });
    const client = await server.joinFrames("count");
    const room = localRoom(CountRoom, client.seat);
    const telling = askAndLeave(client, "add");
    await waitUntil(() => room.state.value === 1);
    await server.server.close();
    assert.deepEqual(await telling, [[1, 1]]);
  });

  it("is told yes only of what was saved, when a durable room ends", async () => {
    class DurableRoom extends CountRoom {
      override persistence = { key: "durable" };
    }
    const store = memoryStore();
    const savedWhenTold: number[] = [];
    await using server = await startTestServer({ rooms: { durable: DurableRoom }, store });
    const client = await server.joinFrames("durable");
    const room = localRoom(DurableRoom, client.seat);
    const before = store.rooms.read("durable").ticks.length;
    client.onFrame = ({ code }) => {
      if (code !== Protocol.ROOM_RESPONSE) return;
      savedWhenTold.push(store.rooms.read("durable").ticks.length - before);
    };
    client.send(requestFrame(1, "add"));
    await waitUntil(() => room.state.value === 1);
    await room.disconnect(CloseCode.SERVER_SHUTDOWN);
    await client.waitForClose();
    assert.equal(savedWhenTold.length, 1);
    assert.ok(savedWhenTold[0]! >= 1, "its tick is there, and perhaps the room's last");
  });
});

import assert from "node:assert/strict";
import { createServer } from "../../server/create-server.ts";
import { silentLogger } from "../../server/logger.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

class QuietRoom extends SyncRoom {}

const rooms = { quiet: QuietRoom };

describe("maxConnections", () => {
  it("refuses with room-full who comes too much, whichever room it wants", async () => {
    await using server = await startTestServer({ rooms, maxConnections: 2 });
    await server.joinFrames("quiet");
    await server.joinFrames("quiet");
    const { status, sync } = await server.reserveSeat("quiet");
    assert.deepEqual([status, sync?.code], [409, "room-full"]);
  });

  it("has a place again when somebody left", async () => {
    await using server = await startTestServer({ rooms, maxConnections: 1 });
    const room = await server.joinStock("quiet");
    assert.equal((await server.reserveSeat("quiet")).status, 409);
    await room.leave();
    await waitUntil(async () => (await server.reserveSeat("quiet")).status === 200);
  });

  it("counts those who ask at the same time", async () => {
    await using server = await startTestServer({ rooms, maxConnections: 3 });
    const asking = Array.from({ length: 10 }, () => server.reserveSeat("quiet"));
    const statuses = (await Promise.all(asking)).map(({ status }) => status);
    assert.equal(statuses.filter((each) => each === 200).length, 3);
    assert.equal(statuses.filter((each) => each === 409).length, 7);
  });

  it("keeps the place of who was lost and may come back", async () => {
    await using server = await startTestServer({ rooms, maxConnections: 1 });
    const client = await server.joinFrames("quiet");
    const { roomId, identity } = client.seat;
    client.drop();
    const reconnectionToken = client.reconnectionToken;
    await waitUntil(async () => (await server.reserveSeat("quiet")).status === 409);
    const how = { method: "reconnect", token: identity.token! };
    await waitUntil(async () => {
      const seat = await server.reserveSeat(roomId, { reconnectionToken }, how);
      return seat.status === 200 && seat.sessionId === client.seat.sessionId;
    });
  });

  it("is refused where it is no number", () => {
    for (const maxConnections of [-1, 1.5, NaN]) {
      assert.throws(
        () => createServer({ rooms, logger: silentLogger, maxConnections }),
        RangeError,
      );
    }
  });
});

import assert from "node:assert/strict";
import { mock } from "node:test";
import { HubRoom } from "../../server/channels/hub-room.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import { PING_INTERVAL_MS } from "../../shared/limits.ts";
import { ChannelClient, waitForClients } from "../support/channel-client.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";

const FOUND_MS = 10_000;

describe("a server whose client has died without a word", () => {
  let server: TestServer<RoomTable>;

  beforeEach(async () => {
    // The transport's own.
    mock.timers.enable({ apis: ["setInterval"] });
    server = await startTestServer({ rooms: {}, channels: [{ pattern: "**", publish: true }] });
  });

  afterEach(async () => {
    await server.close();
    mock.timers.reset();
  });

  it("finds that out within 10 s, and keeps those that live", async () => {
    const [living, dying] = [await ChannelClient.join(server), await ChannelClient.join(server)];
    const room = localRoom(HubRoom, living.frames.seat);
    await dying.settle();
    // It reads nothing any more, so it answers no ping.
    dying.frames.pause();
    for (let ms = 0; ms < FOUND_MS - PING_INTERVAL_MS; ms += PING_INTERVAL_MS) {
      mock.timers.tick(PING_INTERVAL_MS);
      // A round trip behind the pong.
      await living.settle();
    }
    await waitForClients(room, 1);
    for (let ms = 0; ms < 10 * FOUND_MS; ms += PING_INTERVAL_MS) {
      mock.timers.tick(PING_INTERVAL_MS);
      await living.settle();
    }
    assert.equal(living.frames.closed, undefined);
    assert.equal(room.clients.length, 1);
  });
});

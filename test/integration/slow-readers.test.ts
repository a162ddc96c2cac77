import assert from "node:assert/strict";
import { mock } from "node:test";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import type { RoomClient } from "../../server/transport/websocket-client.ts";
import { MAX_MISSED_PINGS, PING_INTERVAL_MS } from "../../shared/limits.ts";
import { ThrottlingProxy } from "../faults/support/throttling-proxy.ts";
import { FrameClient } from "../support/frame-client.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

/** More than the kernel's buffers hold, so that all of it passes while most still waits. */
const NOVEL_BYTES = 16_000_000;
const BYTES_PER_SECOND = 6_000_000;
/** A full buffer of the kernel's takes nothing until a third of its 4 MiB is free. */
const READ_BYTES = 2_000_000;

class NovelRoom extends SyncRoom {
  override onJoin(client: RoomClient): void {
    client.sendBytes("novel", new Uint8Array(NOVEL_BYTES));
  }
}

/** Takes over the transport's timer: the test says when it looks after its peers. */
function takeLook(): () => void {
  const real = globalThis.setInterval;
  let look: (() => void) | undefined;
  const take = (callback: () => void, delayMs: number): NodeJS.Timeout => {
    if (delayMs !== PING_INTERVAL_MS) return real(callback, delayMs);
    look = callback;
    return real(() => undefined, delayMs);
  };
  mock.method(globalThis, "setInterval", take as typeof setInterval);
  return () => look!();
}

describe("a client that reads slowly", () => {
  afterEach(() => mock.restoreAll());

  it("lives as long as it reads, though its pongs stand behind all that waits, and is cut when it stops", async () => {
    const look = takeLook();
    await using server = await startTestServer({ rooms: { novel: NovelRoom } });
    await using proxy = await ThrottlingProxy.open(server.wsUrl);
    const { processId, roomId, sessionId } = await server.reserveSeat("novel");
    proxy.bytesPerSecond = BYTES_PER_SECOND;
    const reader = new FrameClient(`${proxy.url}/${processId}/${roomId}?sessionId=${sessionId}`);
    const { clients } = localRoom(NovelRoom, { roomId });
    const client = await waitUntil(() => clients.find(({ queuedBytes }) => queuedBytes > 0));
    for (let bytes = READ_BYTES; bytes < NOVEL_BYTES / 2; bytes += READ_BYTES) {
      // oxlint-disable-next-line no-await-in-loop -- a look each time that it has read some more
      await waitUntil(() => proxy.passedBytes > bytes);
      look();
    }
    assert.equal(client.ref.readyState, WebSocket.OPEN);
    assert.ok(client.queuedBytes > 0, "much of it still waits, and so do its pongs");

    proxy.bytesPerSecond = 0;
    await waitUntil(() => {
      for (let missed = 0; missed <= MAX_MISSED_PINGS; missed += 1) look();
      return client.ref.readyState === WebSocket.CLOSED;
    });
    reader.drop();
  });
});

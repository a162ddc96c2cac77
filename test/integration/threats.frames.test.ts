import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { startTestServer } from "../support/start-test-server.ts";

class QuietRoom extends SyncRoom {}

/** A masked binary frame of one fragment that claims to be compressed (RSV1). */
function compressedFrame(payload: Uint8Array): Buffer {
  const head = Buffer.from([0xc2, 0x80 | 126, payload.byteLength >> 8, payload.byteLength & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

describe("threat: a decompression bomb", () => {
  it("is never unpacked: the server agrees to no compression, whatever is offered", async () => {
    await using server = await startTestServer({ rooms: { quiet: QuietRoom } });
    const bystander = await server.joinFrames("quiet");
    const headers = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
    const client = await server.joinFrames("quiet", {}, { headers });
    assert.equal(client.socket.extensions, "");

    const bomb = deflateRawSync(Buffer.alloc(16_000_000));
    const { _socket: stream } = client.socket as unknown as { _socket: NodeJS.WritableStream };
    stream.write(compressedFrame(bomb.subarray(0, 60_000)));
    const PROTOCOL_ERROR = 1_002;
    assert.equal((await client.waitForClose()).code, PROTOCOL_ERROR);
    assert.equal(bystander.closed, undefined);
  });
});

import assert from "node:assert/strict";
import { decode } from "@colyseus/schema";
import { unpack } from "msgpackr";
import { encodeCode, encodeRequest } from "../../../../client/protocol/encode-frame.ts";
import { MAX_INBOUND_FRAME_BYTES } from "../../../../shared/limits.ts";

describe("encodeRequest", () => {
  it("writes what a stock server reads: code, request id, type, payload", () => {
    for (const requestId of [1, 127, 128, 70_000, 2 ** 40]) {
      const payload = { x: 1, list: ["é", 2.5], none: null };
      const bytes = encodeRequest(requestId, "atrium:intent", payload);
      const it = { offset: 1 };
      assert.equal(bytes[0], 21);
      assert.equal(decode.number(bytes, it), requestId);
      assert.equal(decode.string(bytes, it), "atrium:intent");
      assert.deepEqual(unpack(bytes.subarray(it.offset)), payload);
    }
  });

  it("leaves the payload out when there is none", () => {
    const bytes = encodeRequest(1, "reset", undefined);
    assert.equal(bytes.length, 1 + 1 + 1 + "reset".length);
  });

  it("takes a type of any length", () => {
    const type = "ü".repeat(400);
    const it = { offset: 2 };
    assert.equal(decode.string(encodeRequest(1, type, 0), it), type);
  });

  it("writes typed arrays with all of their bytes, and no other memory of the page", () => {
    for (const payload of [
      new Float64Array(100).fill(0.1),
      Int16Array.of(1, -2),
      Uint8Array.of(7),
    ]) {
      // Bytes: once a process has made a server, msgpack there knows no wider arrays.
      const written = unpack(encodeRequest(1, "a", payload).subarray(4)) as Uint8Array;
      assert.deepEqual(bytesOf(written), bytesOf(payload));
    }
  });

  it("refuses what msgpack cannot carry", () => {
    const error = { name: "SyncError", code: "payload-invalid" };
    assert.throws(() => encodeRequest(1, "place", { key: Symbol("x") }), error);
  });

  it("refuses a frame that the server would close the connection over", () => {
    const payload = new Uint8Array(MAX_INBOUND_FRAME_BYTES);
    assert.throws(() => encodeRequest(1, "place", payload), { code: "frame-too-large" });
  });
});

describe("encodeCode", () => {
  it("writes one byte", () => {
    assert.deepEqual(encodeCode(18), Uint8Array.of(18));
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

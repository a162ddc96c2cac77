import assert from "node:assert/strict";
import fc from "fast-check";
import { pack } from "msgpackr";
import { decodeFrame } from "../../../../client/protocol/decode-frame.ts";
import { SyncError } from "../../../../shared/errors.ts";

function frame(...parts: (number | string | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string"
        ? [0xa0 + part.length, ...new TextEncoder().encode(part)]
        : typeof part === "number"
          ? [part]
          : [...part],
    ),
  );
}

describe("decodeFrame", () => {
  it("reads a handshake and leaves out the sections about inputs behind it", () => {
    const bytes = frame(10, 2, 0x74, 0x6b, 4, 0x6e, 0x6f, 0x6e, 0x65, 3, 7, 8, 9, 1, 2, 0, 0);
    assert.deepEqual(decodeFrame(bytes), {
      kind: "join",
      reconnectionToken: "tk",
      serializerId: "none",
      reflection: Uint8Array.of(7, 8, 9),
    });
  });

  it("leaves state bytes to the decoder and says where they begin", () => {
    for (const [code, kind, offset] of [
      [14, "state", 1],
      [15, "patch", 1],
      [14 | 0x80, "state", 9],
      [15 | 0x80, "patch", 9],
      [15 | 0x40, "patch", 3],
    ] as const) {
      const bytes = frame(code, ...Array.from({ length: 12 }, () => 1));
      assert.deepEqual(decodeFrame(bytes), { kind, bytes, offset });
    }
  });

  it("reads messages by name and by number, with and without a payload", () => {
    const payload = { text: "hi", at: [1, 2.5, null] };
    assert.deepEqual(decodeFrame(frame(13, "chat", pack(payload))), {
      kind: "message",
      type: "chat",
      payload,
    });
    assert.deepEqual(decodeFrame(frame(13, 7)), { kind: "message", type: 7, payload: undefined });
  });

  it("gives bytes that stay as they are when the frame's buffer is used again", () => {
    const bytes = frame(17, "raw", 1, 2, 3);
    const decoded = decodeFrame(bytes);
    bytes.fill(0);
    assert.deepEqual(decoded, { kind: "message", type: "raw", payload: Uint8Array.of(1, 2, 3) });
  });

  it("reads replies, errors, pongs and leaves", () => {
    const response = { kind: "response", requestId: 300, status: 1 };
    const bytes = frame(22, 0xcd, 0x2c, 0x01, 1, pack("no"));
    assert.deepEqual(decodeFrame(bytes), { ...response, payload: "no" });
    const empty = frame(22, 0xcd, 0x2c, 0x01, 1);
    assert.deepEqual(decodeFrame(empty), { ...response, payload: undefined });
    assert.deepEqual(decodeFrame(frame(11, 5, "no")), { kind: "error", code: 5, message: "no" });
    assert.deepEqual(decodeFrame(frame(18)), { kind: "pong" });
    assert.deepEqual(decodeFrame(frame(12)), { kind: "leave" });
  });

  it("passes over codes that it does not know", () => {
    assert.deepEqual(decodeFrame(frame(31, 1, 2)), { kind: "unknown", code: 31 });
  });

  for (const [what, bytes] of [
    ["a handshake that ends in its token", frame(10, 200, 1)],
    ["a handshake whose reflection is cut", frame(10, 1, 120, 1, 120, 50, 1)],
    ["a state without its prefix", frame(14 | 0x80, 1, 2)],
    ["a message without a type", frame(13)],
    ["a message whose payload is cut", frame(13, "chat", 0xda, 0xff)],
    ["a message with bytes behind its payload", frame(13, "chat", 1, 2)],
    ["a reply without a status", frame(22, 1)],
  ] as const) {
    it(`refuses ${what} as malformed`, () => {
      assert.throws(
        () => decodeFrame(bytes),
        (error) => error instanceof SyncError && error.code === "frame-malformed",
      );
    });
  }

  it("gives a frame or a SyncError for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          assert.equal(typeof decodeFrame(bytes).kind, "string");
        } catch (error) {
          assert.ok(error instanceof SyncError);
        }
      }),
    );
  });
});

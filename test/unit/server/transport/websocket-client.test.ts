import assert from "node:assert/strict";
import { Protocol } from "@colyseus/core";
import type { FrameGate } from "../../../../server/transport/websocket-client.ts";
import { ADA, RecordedClient } from "../../../support/recorded-client.ts";

/** Takes every frame and never lets go of it. */
const holdingGate: FrameGate = { hold() {}, isHolding: () => true };

describe("RoomClient", () => {
  it("carries the user that the server found", () => {
    assert.deepEqual(new RecordedClient({ user: ADA }).user, ADA);
  });

  it("sends nothing for a frame without bytes", () => {
    const client = new RecordedClient();
    client.raw(new Uint8Array(0));
    assert.deepEqual(client.sent, []);
  });

  it("sends nothing on a socket that is closing", () => {
    const client = new RecordedClient();
    Object.assign(client.ref, { readyState: 2 });
    client.raw(Uint8Array.of(Protocol.PING));
    client.write(Uint8Array.of(Protocol.ROOM_STATE));
    assert.deepEqual(client.sent, []);
  });

  it("copies a state that a plain Colyseus room hands out as a view of its buffer", () => {
    const client = new RecordedClient();
    const buffer = Uint8Array.of(Protocol.ROOM_STATE_PATCH, 1, 2, 3);
    client.raw(buffer.subarray(0, 3));
    buffer.fill(9);
    assert.deepEqual(client.sent, [Uint8Array.of(Protocol.ROOM_STATE_PATCH, 1, 2)]);
  });

  for (const code of [1_000, 1_001, 1_003, 1_007, 1_014, 3_000, 4_000, 4_999]) {
    it(`leaves with close code ${code}`, () => {
      const client = new RecordedClient();
      client.leave(code, "bye");
      assert.deepEqual(client.closes, [[code, "bye"]]);
    });
  }

  for (const code of [0, -1, 999, 1_004, 1_005, 1_006, 1_015, 2_999, 5_000, Number.NaN]) {
    it(`refuses close code ${code} at once, also while it is held`, () => {
      const client = new RecordedClient({ gate: holdingGate });
      assert.throws(() => client.leave(code), RangeError);
      client.released();
      assert.deepEqual(client.closes, []);
    });
  }

  it("cuts a reason to the 123 bytes that a close frame can hold", () => {
    const client = new RecordedClient();
    client.leave(4_000, "x".repeat(500));
    assert.deepEqual(client.closes, [[4_000, "x".repeat(123)]]);
  });

  it("does not cut a reason in the middle of a character", () => {
    const client = new RecordedClient();
    client.leave(4_000, `xx${"😀".repeat(50)}`);
    assert.deepEqual(client.closes, [[4_000, `xx${"😀".repeat(30)}`]]);
  });

  it("closes with the last code it was given while it was held", () => {
    const client = new RecordedClient({ gate: holdingGate });
    client.leave(4_000, "first");
    client.leave(4_001, "second");
    assert.deepEqual(client.closes, []);
    client.released();
    client.released();
    assert.deepEqual(client.closes, [[4_001, "second"]]);
  });
});

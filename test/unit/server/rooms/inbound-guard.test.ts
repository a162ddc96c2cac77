import assert from "node:assert/strict";
import { Protocol } from "@colyseus/core";
import { decode } from "@colyseus/schema";
import { unpack } from "msgpackr";
import { FrameBudget } from "../../../../server/limits/frame-budget.ts";
import { defaultLimits } from "../../../../server/limits/server-limits.ts";
import { InboundGuard } from "../../../../server/rooms/inbound-guard.ts";
import { MAX_FRAME_BYTES_BURST, MAX_REQUESTS_PER_SECOND } from "../../../../shared/limits.ts";
import { CloseCode } from "../../../../shared/protocol/close-codes.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { messageFrame, requestFrame } from "../../../support/frame-client.ts";
import { RecordedClient } from "../../../support/recorded-client.ts";

const PING = Uint8Array.of(Protocol.PING);

class Guarded {
  readonly clock = new FakeClock();
  readonly client = new RecordedClient();
  readonly kicks: [sessionId: string, code: number][] = [];
  passed = 0;
  readonly #guard = new InboundGuard({
    clock: this.clock,
    openBudget: () => new FrameBudget(defaultLimits.connection),
    maxIntentBytes: () => 100,
    kick: (client, code) => this.kicks.push([client.sessionId, code]),
  });

  receive(frame: Uint8Array, from = this.client, next = () => void (this.passed += 1)): void {
    this.#guard.pass(from, frame, next);
  }
}

describe("InboundGuard", () => {
  it("passes frames on", () => {
    const guarded = new Guarded();
    guarded.receive(messageFrame("say", "hi"));
    guarded.receive(requestFrame(1, "say", "hi"));
    guarded.receive(PING);
    guarded.receive(new Uint8Array(0));
    assert.equal(guarded.passed, 4);
    assert.deepEqual(guarded.kicks, []);
  });

  it("passes a payload of the limit's size on, and not one byte more", () => {
    const guarded = new Guarded();
    const fits = messageFrame("say", "x".repeat(93));
    assert.equal(fits.byteLength, 100);
    guarded.receive(fits);
    assert.equal(guarded.passed, 1);
    guarded.receive(messageFrame("say", "x".repeat(94)));
    assert.equal(guarded.passed, 1);
  });

  it("answers a request that is too large with payload-too-large", () => {
    const guarded = new Guarded();
    guarded.receive(requestFrame(70_000, "say", "x".repeat(200)));
    assert.deepEqual([guarded.passed, guarded.kicks], [0, []]);
    const reply = guarded.client.sent[0]!;
    const it = { offset: 1 };
    assert.equal(reply[0], Protocol.ROOM_RESPONSE);
    assert.equal(decode.number(reply, it), 70_000);
    assert.equal(reply[it.offset], 1);
    const { code, message } = unpack(reply.subarray(it.offset + 1));
    assert.equal(code, "payload-too-large");
    assert.match(message, /^frame of \d+ bytes exceeds 100$/);
  });

  for (const code of [Protocol.ROOM_DATA, Protocol.ROOM_DATA_BYTES]) {
    it(`closes with FRAME_TOO_LARGE for a frame of code ${code}, which nobody answers`, () => {
      const guarded = new Guarded();
      const frame = messageFrame("say", "x".repeat(200));
      frame[0] = code;
      guarded.receive(frame);
      assert.equal(guarded.passed, 0);
      assert.deepEqual(guarded.kicks, [["session", CloseCode.FRAME_TOO_LARGE]]);
    });
  }

  it("sees through the high bits of the code", () => {
    const guarded = new Guarded();
    const frame = messageFrame("say", "x".repeat(200));
    frame[0]! |= 0x80;
    guarded.receive(frame);
    assert.equal(guarded.passed, 0);
  });

  it("closes with FRAME_MALFORMED when decoding the frame throws, and throws nothing itself", () => {
    const guarded = new Guarded();
    guarded.receive(messageFrame("say"), guarded.client, () => {
      throw new RangeError("offset out of bounds");
    });
    assert.deepEqual(guarded.kicks, [["session", CloseCode.FRAME_MALFORMED]]);
  });

  it("closes with FRAME_MALFORMED for a large request whose id cannot be read", () => {
    const guarded = new Guarded();
    const frame = new Uint8Array(200).fill(0xc1);
    frame[0] = Protocol.ROOM_REQUEST;
    guarded.receive(frame);
    const answers = guarded.client.sent.length + guarded.kicks.length;
    assert.equal(answers, 1);
    assert.equal(guarded.passed, 0);
  });

  it("passes 200 frames a second for as long as they come, of any kind", () => {
    const guarded = new Guarded();
    for (let frame = 0; frame < 20_000; frame += 1) {
      guarded.receive(PING);
      guarded.clock.advanceSync(5);
    }
    assert.deepEqual([guarded.passed, guarded.kicks], [20_000, []]);
  });

  it("passes what a client of ours sent while its frames were held back for nine seconds", () => {
    const guarded = new Guarded();
    for (let frame = 0; frame < 9 * MAX_REQUESTS_PER_SECOND; frame += 1) guarded.receive(PING);
    for (let frame = 0; frame < 10 * MAX_REQUESTS_PER_SECOND; frame += 1) {
      guarded.receive(PING);
      guarded.clock.advanceSync(1_000 / MAX_REQUESTS_PER_SECOND);
    }
    assert.equal(guarded.passed, 19 * MAX_REQUESTS_PER_SECOND);
    assert.deepEqual(guarded.kicks, []);
  });

  it("closes a flood of 20,000 frames a second with FLOODED, within a second", () => {
    const guarded = new Guarded();
    let frames = 0;
    while (guarded.kicks.length === 0) {
      guarded.receive(PING);
      guarded.clock.advanceSync(1 / 20);
      frames += 1;
    }
    assert.ok(frames < 2_100, `${frames} frames`);
    assert.deepEqual(guarded.kicks, [["session", CloseCode.FLOODED]]);
    const { passed } = guarded;
    guarded.receive(PING);
    assert.equal(guarded.passed, passed);
  });

  it("closes with FLOODED for too many bytes in few frames", () => {
    const guarded = new Guarded();
    const frame = Uint8Array.of(Protocol.PING, ...new Uint8Array(99_999));
    const fits = Math.floor(MAX_FRAME_BYTES_BURST / frame.byteLength);
    for (let sent = 0; sent < fits; sent += 1) guarded.receive(frame);
    assert.deepEqual([guarded.passed, guarded.kicks], [fits, []]);
    guarded.receive(frame);
    assert.deepEqual(guarded.kicks, [["session", CloseCode.FLOODED]]);
  });

  it("counts each client by itself", () => {
    const guarded = new Guarded();
    const other = new RecordedClient({ sessionId: "other" });
    for (let frame = 0; frame < 1_500; frame += 1) {
      guarded.receive(PING);
      guarded.receive(PING, other);
    }
    assert.deepEqual([guarded.passed, guarded.kicks], [3_000, []]);
  });
});

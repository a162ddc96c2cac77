import assert from "node:assert/strict";
import { getMessageBytes, Protocol } from "@colyseus/core";
import { decode } from "@colyseus/schema";
import { ResponseStatus } from "@colyseus/shared-types";
import { unpack } from "msgpackr";
import { TickOutbox } from "../../../../server/rooms/tick-outbox.ts";
import { RecordedClient } from "../../../support/recorded-client.ts";

const STATE = Uint8Array.of(Protocol.ROOM_STATE_PATCH, 1);

function message(text: string): Uint8Array {
  return getMessageBytes.raw(Protocol.ROOM_DATA, "say", text);
}

function reply(requestId: number, status: number = ResponseStatus.OK, payload?: unknown) {
  return getMessageBytes[Protocol.ROOM_RESPONSE](requestId, status, payload);
}

function clientOf(outbox: TickOutbox, sessionId = "ada"): RecordedClient {
  return new RecordedClient({ sessionId, gate: outbox });
}

describe("TickOutbox", () => {
  it("sends nothing before its batch is released", () => {
    const outbox = new TickOutbox(() => {});
    const client = clientOf(outbox);
    client.raw(STATE);
    client.raw(message("hi"));
    const batch = outbox.take();
    assert.deepEqual(client.sent, []);
    outbox.release(batch);
    assert.deepEqual(client.sent, [STATE, message("hi")]);
  });

  it("releases the state first, then messages, then replies, each in the order they were sent", () => {
    const outbox = new TickOutbox(() => {});
    const client = clientOf(outbox);
    const frames = [reply(1), message("a"), reply(2), message("b"), STATE, reply(3), message("c")];
    for (const frame of frames) client.raw(frame);
    outbox.release(outbox.take());
    const expected = [
      STATE,
      message("a"),
      message("b"),
      message("c"),
      reply(1),
      reply(2),
      reply(3),
    ];
    assert.deepEqual(client.sent, expected);
  });

  it("treats a state frame with a time prefix as a state", () => {
    const outbox = new TickOutbox(() => {});
    const client = clientOf(outbox);
    const timed = Uint8Array.of(Protocol.ROOM_STATE_PATCH | 0x80, 0, 0, 0, 0, 0, 0, 0, 0);
    client.raw(message("a"));
    client.raw(timed);
    outbox.release(outbox.take());
    assert.deepEqual(client.sent, [timed, message("a")]);
  });

  it("lets handshakes, pongs and errors through at once", () => {
    const outbox = new TickOutbox(() => {});
    const client = clientOf(outbox);
    const join = Uint8Array.of(Protocol.JOIN_ROOM);
    const pong = getMessageBytes[Protocol.PING]();
    const error = getMessageBytes[Protocol.ERROR](500, "no");
    for (const frame of [message("later"), join, pong, error]) client.raw(frame);
    assert.deepEqual(client.sent, [join, pong, error]);
  });

  it("keeps what is sent after `take` for the next batch", () => {
    const outbox = new TickOutbox(() => {});
    const client = clientOf(outbox);
    client.raw(message("first"));
    const first = outbox.take();
    client.raw(message("second"));
    assert.equal(outbox.isEmpty, false);
    const second = outbox.take();
    assert.equal(outbox.isEmpty, true);
    outbox.release(first);
    assert.deepEqual(client.sent, [message("first")]);
    outbox.release(second);
    assert.deepEqual(client.sent, [message("first"), message("second")]);
  });

  it("calls `onHold` for every frame that it holds, and counts it", () => {
    let held = 0;
    const outbox = new TickOutbox(() => {
      held += 1;
    });
    const client = clientOf(outbox);
    client.raw(STATE);
    client.raw(reply(1));
    client.raw(getMessageBytes[Protocol.PING]());
    assert.equal(held, 2);
    assert.equal(outbox.heldFrames, 2);
    outbox.release(outbox.take());
    assert.equal(outbox.heldFrames, 2);
  });

  it("holds a client from its first frame until its last batch is released", () => {
    const outbox = new TickOutbox(() => {});
    const ada = clientOf(outbox);
    const bob = clientOf(outbox, "bob");
    assert.equal(outbox.isHolding(ada), false);
    ada.raw(STATE);
    assert.equal(outbox.isHolding(ada), true);
    assert.equal(outbox.isHolding(bob), false);
    const first = outbox.take();
    ada.raw(message("more"));
    const second = outbox.take();
    outbox.release(first);
    assert.equal(outbox.isHolding(ada), true);
    outbox.release(second);
    assert.equal(outbox.isHolding(ada), false);
  });

  it("lets a client that leaves have what it is owed first, and then closes it once", () => {
    const outbox = new TickOutbox(() => {});
    const client = clientOf(outbox);
    client.raw(message("goodbye"));
    client.leave(4_000, "over");
    const first = outbox.take();
    client.raw(reply(7));
    outbox.release(first);
    assert.deepEqual(client.closes, []);
    outbox.release(outbox.take());
    assert.deepEqual(client.sent, [message("goodbye"), reply(7)]);
    assert.deepEqual(client.closes, [[4_000, "over"]]);
    outbox.release(outbox.take());
    assert.equal(client.closes.length, 1);
  });

  it("lets a client that is owed nothing leave at once", () => {
    const client = clientOf(new TickOutbox(() => {}));
    client.leave(4_000);
    assert.deepEqual(client.closes, [[4_000, undefined]]);
  });

  it("turns every yes of a failed batch into `not-durable`, and leaves the rest as it was", () => {
    const outbox = new TickOutbox(() => {});
    const client = clientOf(outbox);
    const refusal = reply(2, ResponseStatus.REJECTED, { code: "cooldown", message: "wait" });
    const failure = reply(3, ResponseStatus.ERROR, { name: "Error", message: "oops" });
    for (const frame of [STATE, message("a"), reply(70_000, ResponseStatus.OK, { score: 5 })]) {
      client.raw(frame);
    }
    client.raw(refusal);
    client.raw(failure);
    outbox.release(outbox.take(), "not-saved");
    const [state, text, turned, ...others] = client.sent;
    assert.deepEqual([state, text, ...others], [STATE, message("a"), refusal, failure]);
    const it = { offset: 1 };
    assert.equal(decode.number(turned!, it), 70_000);
    assert.equal(turned![it.offset], ResponseStatus.REJECTED);
    const payload = unpack(turned!.subarray(it.offset + 1)) as { code: string };
    assert.equal(payload.code, "not-durable");
  });

  it("sends what it holds when it is closed, and from then on at once", () => {
    const outbox = new TickOutbox(() => {});
    const client = clientOf(outbox);
    client.raw(message("held"));
    client.leave(4_001);
    outbox.close();
    assert.deepEqual(client.sent, [message("held")]);
    assert.deepEqual(client.closes, [[4_001, undefined]]);
    client.raw(message("late"));
    assert.deepEqual(client.sent, [message("held"), message("late")]);
  });
});

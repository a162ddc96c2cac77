import assert from "node:assert/strict";
import { pack, unpack } from "msgpackr";
import { SyncError } from "../../../../shared/errors.ts";
import { fromWireError, toWireError } from "../../../../shared/protocol/intent-frame.ts";

describe("toWireError and fromWireError", () => {
  it("carry code, message and retryAfterMs across the wire", () => {
    const error = new SyncError("cooldown", "wait a little", { retryAfterMs: 1_500 });
    const arrived = fromWireError(unpack(pack(toWireError(error))));
    assert.ok(arrived instanceof SyncError);
    assert.equal(arrived.code, "cooldown");
    assert.equal(arrived.message, "wait a little");
    assert.equal(arrived.retryAfterMs, 1_500);
  });

  it("carry no retryAfterMs where there is none", () => {
    const wire = toWireError(new SyncError("room-full", "full"));
    assert.deepEqual(wire, { code: "room-full", message: "full" });
    assert.equal(fromWireError(wire).retryAfterMs, undefined);
  });

  it("keep the cause and the stack of an error on the server", () => {
    const error = new SyncError("auth-failed", "no", { cause: new Error("secret detail") });
    assert.deepEqual(Object.keys(toWireError(error)), ["code", "message"]);
  });

  it("keep a code that this version does not know", () => {
    assert.equal(fromWireError({ code: "from-the-future", message: "x" }).code, "from-the-future");
  });

  it("read what a stock room answers to a failed request as handler-failed", () => {
    const { code, message } = fromWireError({ name: "Error", message: "oops" });
    assert.deepEqual([code, message], ["handler-failed", "oops"]);
  });

  for (const garbage of [undefined, null, "no", 7, [], {}, { code: 4_000, message: 1 }]) {
    it(`read ${JSON.stringify(garbage)} as handler-failed`, () => {
      const { code, message } = fromWireError(garbage);
      assert.deepEqual([code, message], ["handler-failed", "the server gave no reason"]);
    });
  }
});

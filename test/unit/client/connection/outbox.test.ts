import assert from "node:assert/strict";
import { Outbox } from "../../../../client/connection/outbox.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { MAX_OUTBOX_MESSAGES, MAX_REQUESTS_PER_SECOND } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

/** An outbox and the ids of what it put on the connection; a frame is its id. */
function makeOutbox(): { outbox: Outbox; clock: FakeClock; sent: number[]; open: () => void } {
  const clock = new FakeClock();
  const outbox = new Outbox(clock);
  const sent: number[] = [];
  const open = (): void =>
    outbox.open(([id, high]) => {
      sent.push(id! + 256 * (high ?? 0));
      return true;
    });
  return { outbox, clock, sent, open };
}

function frame(id: number): Uint8Array {
  return Uint8Array.of(id % 256, Math.floor(id / 256));
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "resolved",
    (error: SyncError) => error.code,
  );
}

describe("Outbox", () => {
  it("holds a paused lane back and lets the others pass, each in its order", () => {
    const { outbox, sent, open } = makeOutbox();
    open();
    outbox.pause("a");
    for (const [id, lane] of [
      [1, "a"],
      [2, "b"],
      [3, "a"],
      [4, undefined],
    ] as const) {
      void outbox.add(id, frame(id), lane === undefined ? {} : { lane });
    }
    assert.deepEqual(sent, [2, 4]);
    outbox.resume("a");
    assert.deepEqual(sent, [2, 4, 1, 3]);
  });

  it("keeps a lane paused over a loss and a return", () => {
    const { outbox, sent, open } = makeOutbox();
    outbox.pause("a");
    void outbox.add(1, frame(1), { lane: "a" });
    open();
    outbox.hold();
    open();
    assert.deepEqual(sent, []);
    outbox.resume("a");
    assert.deepEqual(sent, [1]);
  });

  it("does not repeat what belongs to one connection, nor keep it for the next", async () => {
    const { outbox, sent, open } = makeOutbox();
    const away = codeOf(outbox.add(1, frame(1), { isOfConnection: true }));
    open();
    const lost = codeOf(outbox.add(2, frame(2), { isOfConnection: true }));
    const repeated = outbox.add(3, frame(3), { whenAway: "reject" });
    outbox.hold();
    assert.deepEqual([await away, await lost], ["disconnected", "disconnected"]);
    const refused = codeOf(outbox.add(4, frame(4), { whenAway: "reject" }));
    assert.equal(await refused, "disconnected");
    open();
    assert.deepEqual(sent, [2, 3, 3]);
    outbox.settle(3, { value: "done" });
    assert.equal(await repeated, "done");
  });

  it("refuses at the loss what waits in a lane and may not be away", async () => {
    const { outbox, sent, open } = makeOutbox();
    open();
    outbox.pause("a");
    const waiting = codeOf(outbox.add(1, frame(1), { lane: "a", whenAway: "reject" }));
    outbox.hold();
    assert.equal(await waiting, "disconnected");
    outbox.resume("a");
    open();
    assert.deepEqual(sent, []);
  });

  it(`sends at most ${MAX_REQUESTS_PER_SECOND} in any second, the others later and in order`, () => {
    const { outbox, clock, sent, open } = makeOutbox();
    open();
    const count = MAX_REQUESTS_PER_SECOND + 40;
    for (let id = 1; id <= count; id += 1) void outbox.add(id, frame(id));
    assert.equal(sent.length, MAX_REQUESTS_PER_SECOND);
    clock.advanceSync(999);
    assert.equal(sent.length, MAX_REQUESTS_PER_SECOND);
    void outbox.add(count + 1, frame(count + 1));
    clock.advanceSync(1);
    assert.deepEqual(
      sent,
      Array.from({ length: count + 1 }, (_, at) => at + 1),
    );
  });

  it("refuses with rate-limited what is too much even to wait, and says for how long", async () => {
    const { outbox, open } = makeOutbox();
    open();
    const count = MAX_REQUESTS_PER_SECOND + MAX_OUTBOX_MESSAGES;
    for (let id = 1; id <= count; id += 1) void outbox.add(id, frame(id));
    await assert.rejects(outbox.add(count + 1, frame(count + 1)), {
      code: "rate-limited",
      retryAfterMs: 1_000,
    });
    // A connection's own requests are few, and are not the caller's fault.
    void outbox.add(count + 2, frame(count + 2), { isOfConnection: true });
  });

  it("gives up the oldest of a lane that waits for too long, and nothing of another", async () => {
    const { outbox, sent, open } = makeOutbox();
    open();
    for (const lane of ["a", "b"]) outbox.pause(lane);
    const [other, oldest] = [
      outbox.add(1, frame(1), { lane: "b" }),
      codeOf(outbox.add(2, frame(2), { lane: "a" })),
    ];
    for (let id = 3; id <= MAX_OUTBOX_MESSAGES; id += 1)
      void outbox.add(id, frame(id), { lane: "a" });
    void outbox.add(MAX_OUTBOX_MESSAGES + 1, frame(0), { lane: "a" });
    assert.equal(await oldest, "disconnected");
    outbox.resume("b");
    assert.deepEqual(sent, [1]);
    outbox.settle(1, { value: "done" });
    assert.equal(await other, "done");
  });

  it("leaves no timer behind when it is closed", async () => {
    const { outbox, clock, open } = makeOutbox();
    open();
    const codes = Array.from({ length: MAX_REQUESTS_PER_SECOND + 1 }, (_, at) =>
      codeOf(outbox.add(at, frame(at))),
    );
    outbox.close(new SyncError("closed", "over"));
    assert.deepEqual([...new Set(await Promise.all(codes))], ["closed"]);
    assert.equal(clock.pendingTimers, 0);
  });
});

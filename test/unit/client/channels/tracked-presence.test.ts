import assert from "node:assert/strict";
import { TrackedPresence } from "../../../../client/channels/tracked-presence.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { PRESENCE_INTERVAL_MS } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

interface Sent {
  readonly x: number | undefined;
  readonly resolve: () => void;
  readonly reject: (code: "not-allowed" | "rate-limited") => void;
}

/** A presence whose requests are answered by the test; it shows `{ x }`. */
class Tracking {
  readonly clock = new FakeClock();
  readonly sent: Sent[] = [];
  readonly refusals: string[] = [];
  isConnected = true;
  quiet = 0;
  readonly presence = new TrackedPresence({
    clock: this.clock,
    random: () => 0.5,
    canSend: () => this.isConnected,
    send: (state) =>
      new Promise((resolve, reject) => {
        this.sent.push({
          x: state === undefined ? undefined : (JSON.parse(state) as { x: number }).x,
          resolve: () => resolve(null),
          reject: (code) => reject(new SyncError(code, "refused")),
        });
      }),
    onQuiet: () => {
      this.quiet += 1;
    },
    onRefusal: ({ code }) => this.refusals.push(code),
  });

  track(owner: object, x: number): Promise<void> {
    return this.presence.track(owner, JSON.stringify({ x }));
  }

  /** Time for the next change, and for what waits for it. */
  async pass(): Promise<void> {
    await this.clock.advance(PRESENCE_INTERVAL_MS);
  }

  get shown(): (number | undefined)[] {
    return this.sent.map(({ x }) => x);
  }
}

describe("TrackedPresence", () => {
  const owner = {};

  it("sends one at a time: what is wanted meanwhile goes when the answer is there", async () => {
    const tracking = new Tracking();
    void tracking.track(owner, 1);
    await tracking.pass();
    void tracking.track(owner, 2);
    void tracking.track(owner, 3);
    await tracking.pass();
    assert.deepEqual(tracking.shown, [1]);
    tracking.sent[0]!.resolve();
    await tracking.pass();
    assert.deepEqual(tracking.shown, [1, 3]);
  });

  it("resolves each track when its state or a later one is shown, not before", async () => {
    const tracking = new Tracking();
    const resolved: number[] = [];
    void tracking.track(owner, 1).then(() => resolved.push(1));
    await tracking.pass();
    void tracking.track(owner, 2).then(() => resolved.push(2));
    tracking.sent[0]!.resolve();
    await tracking.pass();
    assert.deepEqual(resolved, [1]);
    tracking.sent[1]!.resolve();
    await tracking.pass();
    assert.deepEqual(resolved, [1, 2]);
  });

  it("falls back to what was taken last, also when that was no longer wanted then", async () => {
    const tracking = new Tracking();
    void tracking.track(owner, 1);
    await tracking.pass();
    const refused = assert.rejects(tracking.track(owner, 2), { code: "not-allowed" });
    tracking.sent[0]!.resolve();
    await tracking.pass();
    tracking.sent[1]!.reject("not-allowed");
    await refused;
    tracking.presence.lost();
    tracking.presence.flush();
    await tracking.pass();
    assert.deepEqual(tracking.shown, [1, 2, 1]);
  });

  it("does not ask for ever to take back what the server keeps", async () => {
    const tracking = new Tracking();
    void tracking.track(owner, 1);
    await tracking.pass();
    tracking.sent[0]!.resolve();
    const refused = assert.rejects(tracking.presence.untrack(owner), { code: "not-allowed" });
    await tracking.pass();
    tracking.sent[1]!.reject("not-allowed");
    await refused;
    await tracking.clock.advance(10_000);
    assert.deepEqual(tracking.shown, [1, undefined]);
    assert.equal(tracking.presence.isQuiet, true);
    assert.ok(tracking.quiet > 0);
  });

  it("says when nothing is shown and wanted any more, and leaves no timer", async () => {
    const tracking = new Tracking();
    void tracking.track(owner, 1);
    await tracking.pass();
    tracking.sent[0]!.resolve();
    const untracked = tracking.presence.untrack(owner);
    await tracking.pass();
    assert.equal(tracking.quiet, 0);
    tracking.sent[1]!.resolve();
    await untracked;
    assert.equal(tracking.quiet, 1);
    assert.equal(tracking.clock.pendingTimers, 0);
  });

  it("ignores answers of a connection that is gone", async () => {
    const tracking = new Tracking();
    void tracking.track(owner, 1);
    await tracking.pass();
    tracking.isConnected = false;
    tracking.presence.lost();
    tracking.sent[0]!.resolve();
    tracking.isConnected = true;
    tracking.presence.flush();
    await tracking.pass();
    assert.deepEqual(tracking.shown, [1, 1]);
  });

  it("rejects those who wait to be shown when it is closed, not those who wait to be gone", async () => {
    const closed = new SyncError("closed", "over");
    const tracking = new Tracking();
    const refused = assert.rejects(tracking.track(owner, 1), { code: "closed" });
    tracking.presence.close(closed);
    await refused;
    const leaving = new Tracking();
    void leaving.track(owner, 1);
    await leaving.pass();
    leaving.sent[0]!.resolve();
    await leaving.pass();
    leaving.isConnected = false;
    const untracked = leaving.presence.untrack(owner);
    leaving.presence.close(closed);
    await untracked;
    assert.equal(leaving.clock.pendingTimers, 0);
  });
});

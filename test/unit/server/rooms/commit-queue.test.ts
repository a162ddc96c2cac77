import assert from "node:assert/strict";
import { silentLogger, type Logger } from "../../../../server/logger.ts";
import { noMeter } from "../../../../server/metrics/meter.ts";
import type { TickToSave } from "../../../../server/persistence/room-store.ts";
import { CommitQueue, type TickFate } from "../../../../server/rooms/commit-queue.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

function tickOf(tick: number): TickToSave {
  return { tick, bytes: Uint8Array.of(tick), openSeats: 0, audit: [] };
}

/** A write that waits until the test lets it succeed or fail. */
interface PendingWrite {
  tick: number;
  isSnapshot: boolean;
  succeed: () => void;
  fail: (error?: Error) => void;
}

class Committing {
  readonly clock = new FakeClock();
  readonly writes: PendingWrite[] = [];
  readonly savedTicks: number[] = [];
  readonly savedSnapshots: number[] = [];
  /** Tick and fate, in the order in which the ticks were released. */
  readonly released: string[] = [];
  readonly reports: string[] = [];
  snapshotRequests = 0;
  isFrozen = false;
  readonly queue: CommitQueue;

  constructor() {
    const logger: Logger = {
      ...silentLogger,
      warn: (message) => this.reports.push(message),
      error: (message) => this.reports.push(message),
    };
    // oxlint-disable-next-line typescript/no-this-alias -- the writer's getter needs it
    const committing = this;
    this.queue = new CommitQueue({
      clock: this.clock,
      logger,
      meter: noMeter,
      writer: {
        claim: { roomId: "board", token: 1 },
        get isFrozen() {
          return committing.isFrozen;
        },
        append: ({ tick }) => this.#write(tick, false, this.savedTicks),
        saveSnapshot: ({ tick }) => this.#write(tick, true, this.savedSnapshots),
      },
      onSnapshotWanted: () => {
        this.snapshotRequests += 1;
      },
    });
  }

  submit(tick: number): void {
    this.queue.submit(tickOf(tick), (fate) => this.released.push(`${tick} ${fate}`));
  }

  /** A tick in which nothing changed. */
  submitQuiet(tick: number): void {
    this.queue.submit(undefined, (fate) => this.released.push(`${tick} ${fate}`));
  }

  submitSnapshot(tick: number): void {
    this.queue.submitSnapshot(tickOf(tick));
  }

  /** Lets promises settle. */
  settle(): Promise<void> {
    return this.clock.advance(0);
  }

  async succeed(): Promise<void> {
    await this.settle();
    this.writes.shift()!.succeed();
    await this.settle();
  }

  async fail(error?: Error): Promise<void> {
    await this.settle();
    this.writes.shift()!.fail(error);
    await this.settle();
  }

  #write(tick: number, isSnapshot: boolean, saved: number[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const succeed = (): void => {
        saved.push(tick);
        resolve();
      };
      const fail = (error = new Error("disk full")): void => reject(error);
      this.writes.push({ tick, isSnapshot, succeed, fail });
    });
  }
}

describe("CommitQueue", () => {
  it("releases at once, and synchronously, where nothing is kept", () => {
    const queue = new CommitQueue({
      clock: new FakeClock(),
      logger: silentLogger,
      meter: noMeter,
      writer: undefined,
      onSnapshotWanted: () => assert.fail("no snapshot where nothing is kept"),
    });
    const released: TickFate[] = [];
    queue.submit(tickOf(1), (fate) => released.push(fate));
    queue.submit(undefined, (fate) => released.push(fate));
    assert.deepEqual(released, ["saved", "saved"]);
  });

  it("releases a tick only when its entry is saved", async () => {
    const committing = new Committing();
    committing.submit(1);
    await committing.settle();
    assert.deepEqual(committing.released, []);
    await committing.succeed();
    assert.deepEqual(committing.released, ["1 saved"]);
    assert.deepEqual(committing.savedTicks, [1]);
  });

  it("saves one entry at a time, in the order they were submitted", async () => {
    const committing = new Committing();
    for (const tick of [1, 2, 3]) committing.submit(tick);
    await committing.settle();
    assert.deepEqual(
      committing.writes.map(({ tick }) => tick),
      [1],
    );
    for (let i = 0; i < 3; i += 1) await committing.succeed();
    assert.deepEqual(committing.released, ["1 saved", "2 saved", "3 saved"]);
    assert.deepEqual(committing.savedTicks, [1, 2, 3]);
  });

  it("makes a quiet tick wait for those before it", async () => {
    const committing = new Committing();
    committing.submit(1);
    committing.submitQuiet(2);
    await committing.settle();
    assert.deepEqual(committing.released, []);
    await committing.succeed();
    assert.deepEqual(committing.released, ["1 saved", "2 saved"]);
  });

  it("says that a tick failed, reports it, and asks for a snapshot", async () => {
    const committing = new Committing();
    committing.submit(1);
    await committing.fail();
    assert.deepEqual(committing.released, ["1 not-saved"]);
    assert.equal(committing.queue.isAvailable, false);
    assert.equal(committing.queue.wantsSnapshot, true);
    assert.equal(committing.snapshotRequests, 1);
    assert.deepEqual(committing.reports, ["tick 1 of room board not saved"]);
  });

  it("saves nothing on top of a hole: what follows a failed tick fails untried", async () => {
    const committing = new Committing();
    for (const tick of [1, 2, 3]) committing.submit(tick);
    await committing.succeed();
    await committing.fail();
    assert.deepEqual(committing.released, ["1 saved", "2 not-saved", "3 not-saved"]);
    assert.deepEqual(committing.savedTicks, [1]);
    assert.deepEqual(committing.writes, []);
  });

  it("does not say yes in a quiet tick while an earlier one is not saved", async () => {
    // Its replies may be second answers to intents of the tick that failed.
    const committing = new Committing();
    committing.submit(1);
    committing.submitQuiet(2);
    await committing.fail();
    assert.deepEqual(committing.released, ["1 not-saved", "2 not-saved"]);
  });

  it("is available again when a snapshot is saved, which replaces the entries before it", async () => {
    const committing = new Committing();
    committing.submit(1);
    await committing.succeed();
    committing.submit(2);
    await committing.fail();
    committing.submit(3);
    committing.submitSnapshot(3);
    assert.equal(committing.queue.wantsSnapshot, false);
    assert.equal(committing.queue.isAvailable, false);
    await committing.succeed();
    assert.equal(committing.queue.isAvailable, true);
    committing.submit(4);
    await committing.succeed();
    assert.deepEqual(committing.released, ["1 saved", "2 not-saved", "3 not-saved", "4 saved"]);
    assert.deepEqual([committing.savedSnapshots, committing.savedTicks], [[3], [1, 4]]);
  });

  it("asks for another snapshot after 1, 2, 4, 5, 5 s give or take a fifth", async () => {
    const committing = new Committing();
    committing.submit(1);
    await committing.fail();
    for (const [attempt, seconds] of [1, 2, 4, 5, 5].entries()) {
      committing.submitSnapshot(2 + attempt);
      await committing.fail();
      assert.equal(committing.queue.isAvailable, false);
      assert.equal(committing.queue.wantsSnapshot, false);
      assert.equal(committing.snapshotRequests, 1 + attempt);
      await committing.clock.advance(seconds * 799);
      assert.equal(committing.snapshotRequests, 1 + attempt, `too early after ${seconds} s`);
      await committing.clock.advance(seconds * 402);
      assert.equal(committing.snapshotRequests, 2 + attempt, `too late after ${seconds} s`);
      assert.equal(committing.queue.wantsSnapshot, true);
    }
  });

  it("starts from one second again after a snapshot that was saved", async () => {
    const committing = new Committing();
    committing.submit(1);
    await committing.fail();
    committing.submitSnapshot(2);
    await committing.fail();
    await committing.clock.advance(1_200);
    committing.submitSnapshot(3);
    await committing.succeed();
    committing.submit(4);
    await committing.fail();
    committing.submitSnapshot(5);
    await committing.fail();
    const asked = committing.snapshotRequests;
    await committing.clock.advance(1_200);
    assert.equal(committing.snapshotRequests, asked + 1);
  });

  it("closes when everything submitted is saved and released", async () => {
    const committing = new Committing();
    committing.submit(1);
    committing.submit(2);
    const closing = committing.queue.close().then(() => committing.released.push("closed"));
    await committing.succeed();
    await committing.succeed();
    await closing;
    assert.deepEqual(committing.released, ["1 saved", "2 saved", "closed"]);
  });

  it("leaves no timer behind when it is closed while a retry waits", async () => {
    const committing = new Committing();
    committing.submit(1);
    await committing.fail();
    committing.submitSnapshot(2);
    await committing.fail();
    assert.equal(committing.clock.pendingTimers, 1);
    await committing.queue.close();
    assert.equal(committing.clock.pendingTimers, 0);
  });

  it("leaves no timer behind when its last snapshot fails while it closes", async () => {
    const committing = new Committing();
    committing.submit(1);
    await committing.fail();
    committing.submitSnapshot(2);
    const closing = committing.queue.close();
    await committing.fail();
    await closing;
    assert.equal(committing.clock.pendingTimers, 0);
  });

  it("goes on with the next tick when releasing one throws, and reports it", async () => {
    const committing = new Committing();
    committing.queue.submit(tickOf(1), () => {
      throw new Error("socket trouble");
    });
    committing.submit(2);
    await committing.succeed();
    await committing.succeed();
    assert.deepEqual(committing.released, ["2 saved"]);
    assert.equal(committing.reports.length, 1);
  });

  it("tells nobody anything from the tick on that found the room lost", async () => {
    const committing = new Committing();
    committing.submit(1);
    committing.submit(2);
    committing.submitQuiet(3);
    await committing.fail(new SyncError("room-lost", "claimed by somebody else"));
    assert.deepEqual(committing.released, ["1 lost", "2 lost", "3 lost"]);
    assert.equal(committing.snapshotRequests, 0);
    assert.deepEqual(committing.reports, []);
  });

  it("says of what comes when nothing is saved any more that it has to be asked again", async () => {
    const committing = new Committing();
    committing.submit(1);
    committing.isFrozen = true;
    committing.submitQuiet(2);
    await committing.succeed();
    assert.deepEqual(committing.released, ["1 saved", "2 suspended"]);
  });

  it("is unavailable from the start where a hole was found, until a snapshot is saved", async () => {
    const committing = new Committing();
    committing.queue.requireSnapshot();
    assert.deepEqual([committing.queue.isAvailable, committing.queue.wantsSnapshot], [false, true]);
    committing.submitSnapshot(1);
    await committing.succeed();
    assert.equal(committing.queue.isAvailable, true);
  });
});

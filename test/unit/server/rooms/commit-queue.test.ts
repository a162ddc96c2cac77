import assert from "node:assert/strict";
import { silentLogger, type Logger } from "../../../../server/logger.ts";
import type { JournalEntry } from "../../../../server/persistence/journal.ts";
import { MemoryJournal } from "../../../../server/persistence/memory-journal.ts";
import { standaloneServices } from "../../../../server/rooms/room-services.ts";
import { CommitQueue } from "../../../../server/rooms/commit-queue.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const ROOM = "board";

function entryOf(tick: number): JournalEntry {
  return { roomId: ROOM, tick, patch: Uint8Array.of(tick), intentIds: [`ada/${tick}`] };
}

/** A write that waits until the test lets it succeed or fail. */
interface PendingWrite {
  tick: number;
  isSnapshot: boolean;
  succeed: () => void;
  fail: () => void;
}

class Committing {
  readonly clock = new FakeClock();
  readonly journal = new MemoryJournal();
  readonly writes: PendingWrite[] = [];
  /** `<tick> saved` or `<tick> failed`, in the order in which the ticks were released. */
  readonly released: string[] = [];
  readonly reports: string[] = [];
  snapshotRequests = 0;
  readonly queue: CommitQueue;

  constructor() {
    const logger: Logger = {
      ...silentLogger,
      warn: (message) => this.reports.push(message),
      error: (message) => this.reports.push(message),
    };
    this.queue = new CommitQueue(
      { ...standaloneServices, clock: this.clock, logger, journal: this.journal },
      () => {
        this.snapshotRequests += 1;
      },
    );
    this.journal.intercept(
      (what) =>
        new Promise((resolve, reject) => {
          const isSnapshot = "state" in what;
          const fail = (): void => reject(new Error("disk full"));
          this.writes.push({ tick: what.tick, isSnapshot, succeed: resolve, fail });
        }),
    );
  }

  submit(tick: number, entry: JournalEntry | undefined = entryOf(tick)): void {
    this.queue.submit(entry, (failed) => {
      this.released.push(`${tick} ${failed ? "failed" : "saved"}`);
    });
  }

  /** A tick in which nothing changed. */
  submitQuiet(tick: number): void {
    this.queue.submit(undefined, (failed) => {
      this.released.push(`${tick} ${failed ? "failed" : "saved"}`);
    });
  }

  submitSnapshot(tick: number): void {
    this.queue.submitSnapshot({ roomId: ROOM, tick, state: Uint8Array.of(tick) });
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

  async fail(): Promise<void> {
    await this.settle();
    this.writes.shift()!.fail();
    await this.settle();
  }

  get savedTicks(): number[] {
    return this.journal.read(ROOM).entries.map(({ tick }) => tick);
  }
}

describe("CommitQueue", () => {
  it("releases at once, and synchronously, where there is no journal", () => {
    const queue = new CommitQueue(
      { ...standaloneServices, clock: new FakeClock(), logger: silentLogger },
      () => assert.fail("no snapshot without a journal"),
    );
    const released: boolean[] = [];
    queue.submit(entryOf(1), (failed) => released.push(failed));
    queue.submit(undefined, (failed) => released.push(failed));
    assert.deepEqual(released, [false, false]);
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
    assert.deepEqual(committing.released, ["1 failed"]);
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
    assert.deepEqual(committing.released, ["1 saved", "2 failed", "3 failed"]);
    assert.deepEqual(committing.savedTicks, [1]);
    assert.deepEqual(committing.writes, []);
  });

  it("does not say yes in a quiet tick while an earlier one is not saved", async () => {
    // Its replies may be second answers to intents of the tick that failed.
    const committing = new Committing();
    committing.submit(1);
    committing.submitQuiet(2);
    await committing.fail();
    assert.deepEqual(committing.released, ["1 failed", "2 failed"]);
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
    assert.deepEqual(committing.released, ["1 saved", "2 failed", "3 failed", "4 saved"]);
    const { snapshot, entries } = committing.journal.read(ROOM);
    assert.equal(snapshot?.tick, 3);
    assert.deepEqual(entries, [entryOf(4)]);
  });

  it("asks for another snapshot after 1, 2, 4, 8, 16, 30, 30 s give or take a fifth", async () => {
    const committing = new Committing();
    committing.submit(1);
    await committing.fail();
    for (const [attempt, seconds] of [1, 2, 4, 8, 16, 30, 30].entries()) {
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
    committing.queue.submit(entryOf(1), () => {
      throw new Error("socket trouble");
    });
    committing.submit(2);
    await committing.succeed();
    await committing.succeed();
    assert.deepEqual(committing.released, ["2 saved"]);
    assert.equal(committing.reports.length, 1);
  });
});

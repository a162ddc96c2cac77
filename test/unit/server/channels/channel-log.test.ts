import assert from "node:assert/strict";
import { pack } from "msgpackr";
import { ChannelLog, defaultWindow } from "../../../../server/channels/channel-log.ts";
import type { Publication } from "../../../../shared/events/publication.ts";
import type { WireMessage } from "../../../../shared/protocol/channel-messages.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const LIMITS = { publications: 3, ageMs: 1_000, bytes: 100 };

function offsetsOf(publications: readonly Publication[]): (number | undefined)[] {
  return publications.map(({ offset }) => offset);
}

describe("ChannelLog", () => {
  let clock: FakeClock;
  let log: ChannelLog;
  let count: number;

  beforeEach(() => {
    clock = new FakeClock();
    log = new ChannelLog(clock, LIMITS);
    count = 0;
  });

  function append(id = `id-${(count += 1)}`, bytes = 10): number {
    const publication = { id, event: "message", data: `"${id}"`, timestamp: log.nextTimestamp() };
    return log.append(publication, bytes).offset;
  }

  /** What a subscriber that saw `offset` last missed; undefined when some of it is gone. */
  function missedSince(offset: number): (number | undefined)[] | undefined {
    const { recovered, publications } = log.since({ ...log.position, offset });
    if (!recovered) assert.deepEqual(publications, []);
    return recovered ? offsetsOf(publications) : undefined;
  }

  it("begins an epoch of its own at offset 0", () => {
    assert.equal(log.position.offset, 0);
    assert.notEqual(log.position.epoch, new ChannelLog(clock).position.epoch);
    assert.deepEqual(missedSince(0), []);
  });

  it("gives offsets 1, 2, 3 without a gap, whatever it forgets meanwhile", () => {
    const offsets = Array.from({ length: 10 }, () => append());
    assert.deepEqual(offsets, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    clock.advanceSync(10_000);
    assert.equal(append(), 11);
    assert.equal(log.position.offset, 11);
  });

  it("goes on behind the position it is given, in its epoch", () => {
    log = new ChannelLog(clock, LIMITS, { epoch: "old", offset: 41 });
    assert.equal(append(), 42);
    assert.deepEqual(log.position, { epoch: "old", offset: 42 });
    assert.deepEqual(missedSince(41), [42]);
    assert.equal(missedSince(40), undefined);
  });

  it("keeps as many publications as the window has room for", () => {
    for (let i = 0; i < 3; i += 1) append();
    assert.deepEqual(missedSince(0), [1, 2, 3]);
    append();
    assert.equal(missedSince(0), undefined);
    assert.deepEqual(missedSince(1), [2, 3, 4]);
  });

  it("keeps a publication for as long as the window reaches back, to the millisecond", () => {
    append();
    clock.advanceSync(500);
    append();
    clock.advanceSync(500);
    assert.deepEqual(missedSince(0), [1, 2]);
    clock.advanceSync(1);
    assert.equal(missedSince(0), undefined);
    assert.deepEqual(missedSince(1), [2]);
    clock.advanceSync(500);
    assert.equal(missedSince(1), undefined);
    assert.deepEqual(missedSince(2), []);
  });

  it("keeps as many bytes as the window has room for", () => {
    append("a", 40);
    append("b", 60);
    assert.deepEqual(missedSince(0), [1, 2]);
    append("c", 1);
    assert.deepEqual(missedSince(1), [2, 3]);
    assert.equal(missedSince(0), undefined);
  });

  it("keeps nothing of a publication that is larger than the window, nor what was before", () => {
    append();
    append("huge", 101);
    assert.equal(missedSince(0), undefined);
    assert.equal(missedSince(1), undefined);
    assert.deepEqual(missedSince(2), []);
    append("small", 100);
    assert.deepEqual(missedSince(2), [3]);
  });

  it("replays everything after a position, oldest first, as it was published", () => {
    append("a");
    append("b");
    append("c");
    const { publications } = log.since({ ...log.position, offset: 1 });
    assert.deepEqual(
      publications.map(({ id, offset, event, data }) => ({ id, offset, event, data })),
      [
        { id: "b", offset: 2, event: "message", data: '"b"' },
        { id: "c", offset: 3, event: "message", data: '"c"' },
      ],
    );
  });

  it("says so when a position is of another epoch or ahead of it", () => {
    append();
    const nothing = { publications: [], revisions: [], bytes: 0, hasMore: false };
    const gone = { recovered: false, ...nothing, position: log.position };
    assert.deepEqual(log.since({ epoch: "another", offset: 1 }), gone);
    assert.deepEqual(log.since({ epoch: "another", offset: 0 }), gone);
    assert.deepEqual(log.since({ ...log.position, offset: 2 }), gone);
    assert.deepEqual(log.since(log.position), { ...gone, recovered: true });
  });

  it("replays in parts of a size, each going on where the one before ended", () => {
    log = new ChannelLog(clock, { ...defaultWindow, bytes: 1_000_000 });
    const sizes = [10, 4_000, 10, 10, 6_000, 9_000, 1, 1];
    for (const [at, bytes] of sizes.entries()) {
      const data = JSON.stringify("x".repeat(bytes));
      const stamps = { id: `id-${at}`, event: "message", timestamp: clock.now() };
      log.append({ ...stamps, data }, bytes);
    }
    const parts: number[][] = [];
    for (let position = { ...log.position, offset: 0 }; ;) {
      const part = log.since(position, 5_000);
      assert.ok(part.recovered);
      parts.push(part.publications.map(({ offset }) => offset!));
      if (!part.hasMore) break;
      ({ position } = part);
    }
    assert.deepEqual(parts, [[1, 2, 3, 4], [5], [6], [7, 8]]);
  });

  it("never says that a replay is smaller than it is", () => {
    log = new ChannelLog(clock);
    const stamps = { timestamp: clock.now(), userId: "né".repeat(40), sessionId: "s" };
    for (let at = 0; at < 50; at += 1) {
      const data = JSON.stringify("x".repeat(at));
      log.append({ id: `id-${at}`, event: "événement", data, ...stamps }, data.length);
    }
    const { publications, bytes } = log.since({ ...log.position, offset: 0 });
    const packed = pack(publications).byteLength;
    assert.ok(bytes >= packed && bytes < packed * 2, `${bytes} for ${packed}`);
  });

  it("remembers receipts for exactly as long as the window", () => {
    append("first");
    const receipt = { id: "first", offset: 1, timestamp: clock.now() };
    clock.advanceSync(1_000);
    assert.deepEqual(log.receiptOf("first"), receipt);
    clock.advanceSync(1);
    assert.equal(log.receiptOf("first"), undefined);
    for (const id of ["a", "b", "c", "d"]) append(id);
    assert.equal(log.receiptOf("a"), undefined);
    assert.equal(log.receiptOf("b")?.offset, 3);
    append("huge", 101);
    for (const id of ["b", "c", "d", "huge"]) assert.equal(log.receiptOf(id), undefined, id);
  });

  it("takes back what was published before, with its receipts, as far as the window reaches", () => {
    const now = clock.now();
    log = new ChannelLog(clock, LIMITS, { epoch: "old", offset: 9 });
    for (const [offset, age] of [
      [7, 1_001],
      [8, 1_000],
      [9, 0],
    ] as const) {
      const timestamp = now - age;
      log.restore({ id: `${offset}`, offset, event: "message", data: `${offset}`, timestamp }, 10);
    }
    assert.equal(missedSince(6), undefined);
    assert.deepEqual(missedSince(7), [8, 9]);
    assert.deepEqual(log.receiptOf("8"), { id: "8", offset: 8, timestamp: now - 1_000 });
    assert.equal(append(), 10);
    assert.deepEqual(missedSince(7), [8, 9, 10]);
  });

  /** A stored message as it is now; without data it was deleted. */
  function revised(id: string, data?: string): WireMessage {
    const at = clock.now();
    const known = { id, room_id: "a", user_id: "ada", event: "message", created_at: 0, cursor: "" };
    if (data === undefined) return { ...known, data: "null", deleted_at: at };
    return { ...known, data, edited_at: at };
  }

  it("gives a revision the next offset, also of a message that it does not know any more", () => {
    append("a");
    assert.equal(log.revise(revised("a", '"better"')).offset, 2);
    assert.equal(log.revise(revised("older", '"better"')).offset, 3);
    assert.equal(append("b"), 4);
    const { publications, revisions } = log.since({ ...log.position, offset: 1 });
    assert.deepEqual(offsetsOf(publications), [4]);
    assert.deepEqual(
      revisions.map(({ offset, message }) => [offset, message.id]),
      [
        [2, "a"],
        [3, "older"],
      ],
    );
  });

  it("replays a publication as it was revised last, and not at all when it was deleted", () => {
    log = new ChannelLog(clock, { ...LIMITS, publications: 10 });
    append("a");
    append("b");
    append("c");
    log.revise(revised("b", '"better"'));
    log.revise(revised("c"));
    const { recovered, publications } = log.since({ ...log.position, offset: 0 });
    assert.ok(recovered);
    assert.deepEqual(
      publications.map(({ offset, data }) => [offset, data]),
      [
        [1, '"a"'],
        [2, '"better"'],
      ],
    );
    assert.equal(log.receiptOf("c")?.offset, 3);
  });

  it("replays of each message the last revision only: what was taken back is told to nobody", () => {
    log = new ChannelLog(clock, { ...LIMITS, publications: 10 });
    append("a");
    for (const data of ['"secret"', '"also secret"', undefined]) log.revise(revised("a", data));
    const missed = log.since({ ...log.position, offset: 0 });
    assert.doesNotMatch(JSON.stringify(missed), /secret/);
    assert.deepEqual(
      missed.revisions.map(({ offset }) => offset),
      [4],
    );
    assert.deepEqual(log.since({ ...log.position, offset: 4 }).revisions, []);
  });

  it("says that something is gone when a revision has left the window", () => {
    append("a");
    log.revise(revised("a"));
    clock.advanceSync(1_001);
    assert.equal(missedSince(1), undefined);
    assert.deepEqual(missedSince(2), []);
    log.revise(revised("b", JSON.stringify("x".repeat(99))));
    assert.equal(missedSince(2), undefined, "larger than the window");
  });

  /** A log whose latest publication is of a time that the machine now says is still to come. */
  function setBackBy(ms: number): ChannelLog {
    const setBack = new ChannelLog(clock, LIMITS, { epoch: "old", offset: 1 });
    const timestamp = clock.now() + ms;
    setBack.restore({ id: "a", offset: 1, event: "message", data: "1", timestamp }, 1);
    return setBack;
  }

  it("never gives a publication an earlier time than the one before it", () => {
    assert.equal(log.nextTimestamp(), clock.now());
    assert.equal(setBackBy(1_000).nextTimestamp(), clock.now() + 1_000);
    assert.equal(setBackBy(-60).nextTimestamp(), clock.now());
  });

  it("gives the machine's time again when it was set back by more than the window", () => {
    assert.equal(setBackBy(1_001).nextTimestamp(), clock.now());
  });

  it("keeps 1,000 publications, 2 minutes and 8 MiB unless it is told otherwise", () => {
    assert.deepEqual(defaultWindow, {
      publications: 1_000,
      ageMs: 120_000,
      bytes: 8 * 1_048_576,
    });
  });
});

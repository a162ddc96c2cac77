import assert from "node:assert/strict";
import type { Journal, JournalEntry, RoomSnapshot } from "../../server/persistence/journal.ts";

/** What a room has in a journal, as the contract reads it. */
export interface JournalRecord {
  readonly snapshot: RoomSnapshot | undefined;
  readonly entries: readonly JournalEntry[];
}

/** One journal under test, and what the contract needs to look at it from outside. */
export interface JournalUnderTest {
  readonly journal: Journal;
  /** What a restart would find of a room. */
  read(roomId: string): JournalRecord | Promise<JournalRecord>;
  /** Makes every write from now on fail, or succeed again. */
  failWrites(isFailing: boolean): void;
  close?(): Promise<void>;
}

function entryOf(tick: number, roomId = "board"): JournalEntry {
  return { roomId, tick, patch: Uint8Array.of(tick, 255, 0), intentIds: [`ada/${tick}`] };
}

function snapshotOf(tick: number, roomId = "board"): RoomSnapshot {
  return { roomId, tick, state: Uint8Array.of(tick, 1, 2, 3) };
}

/** The promises of `Journal`, for every implementation. Call it inside a `describe`. */
export function journalContract(open: () => JournalUnderTest | Promise<JournalUnderTest>): void {
  let tested: JournalUnderTest;

  beforeEach(async () => {
    tested = await open();
  });
  afterEach(() => tested.close?.());

  const ticksOf = async (roomId = "board"): Promise<number[]> =>
    (await tested.read(roomId)).entries.map(({ tick }) => tick);

  it("has nothing of a room that it has never heard of", async () => {
    assert.deepEqual(await tested.read("board"), { snapshot: undefined, entries: [] });
  });

  it("has an entry, whole, once `append` has resolved", async () => {
    await tested.journal.append(entryOf(1));
    assert.deepEqual((await tested.read("board")).entries, [entryOf(1)]);
  });

  it("keeps an entry without a patch, and one with many intents or none", async () => {
    const entries: JournalEntry[] = [
      { roomId: "board", tick: 1, patch: undefined, intentIds: ["ada/1", "bob/1"] },
      { roomId: "board", tick: 2, patch: new Uint8Array(0), intentIds: [] },
      { roomId: "board", tick: 3, patch: new Uint8Array(1_000_000).fill(7), intentIds: [] },
    ];
    for (const entry of entries) await tested.journal.append(entry);
    assert.deepEqual((await tested.read("board")).entries, entries);
  });

  it("resolves asynchronously, as no caller may rely on the opposite", async () => {
    const order: string[] = [];
    const appending = tested.journal.append(entryOf(1)).then(() => order.push("appended"));
    order.push("called");
    await appending;
    assert.deepEqual(order, ["called", "appended"]);
  });

  it("keeps the entries of a room in the order they were appended", async () => {
    const ticks = Array.from({ length: 50 }, (_, index) => index + 1);
    await Promise.all(ticks.map((tick) => tested.journal.append(entryOf(tick))));
    assert.deepEqual(await ticksOf(), ticks);
  });

  it("keeps rooms apart", async () => {
    await tested.journal.append(entryOf(1, "a"));
    await tested.journal.append(entryOf(1, "b"));
    await tested.journal.saveSnapshot(snapshotOf(2, "a"));
    assert.deepEqual(await tested.read("a"), { snapshot: snapshotOf(2, "a"), entries: [] });
    assert.deepEqual(await ticksOf("b"), [1]);
  });

  it("keeps rooms apart whose ids look alike", async () => {
    const ids = ["a", "A", "a_", "a-", "a%", "a' or 1=1"];
    for (const [tick, id] of ids.entries()) await tested.journal.append(entryOf(tick, id));
    for (const [tick, id] of ids.entries()) assert.deepEqual(await ticksOf(id), [tick]);
  });

  it("replaces every entry and snapshot of a room by a new snapshot", async () => {
    await tested.journal.append(entryOf(1));
    await tested.journal.saveSnapshot(snapshotOf(1));
    await tested.journal.append(entryOf(2));
    await tested.journal.saveSnapshot(snapshotOf(2));
    assert.deepEqual(await tested.read("board"), { snapshot: snapshotOf(2), entries: [] });
    await tested.journal.append(entryOf(3));
    assert.deepEqual(await tested.read("board"), {
      snapshot: snapshotOf(2),
      entries: [entryOf(3)],
    });
  });

  it("has left what was saved as it was when `append` rejects", async () => {
    await tested.journal.append(entryOf(1));
    tested.failWrites(true);
    await assert.rejects(tested.journal.append(entryOf(2)));
    assert.deepEqual(await ticksOf(), [1]);
    tested.failWrites(false);
    await tested.journal.append(entryOf(3));
    assert.deepEqual(await ticksOf(), [1, 3]);
  });

  it("has left what was saved as it was when `saveSnapshot` rejects", async () => {
    await tested.journal.saveSnapshot(snapshotOf(1));
    await tested.journal.append(entryOf(2));
    tested.failWrites(true);
    await assert.rejects(tested.journal.saveSnapshot(snapshotOf(2)));
    assert.deepEqual(await tested.read("board"), {
      snapshot: snapshotOf(1),
      entries: [entryOf(2)],
    });
  });
}

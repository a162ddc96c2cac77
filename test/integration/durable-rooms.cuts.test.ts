import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DurableRoom } from "../../server/durability/durable-room.ts";
import { RoomImage } from "../../server/durability/room-image.ts";
import { rebuildState } from "../../server/durability/state/rebuild-state.ts";
import { silentLogger } from "../../server/logger.ts";
import { RoomTables } from "../../server/persistence/room-history.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { openRoom } from "../support/room-records.ts";
import { runCount } from "../support/run-count.ts";
import { useSeededRandom, type SeededRandom } from "../support/seeded-random.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { RecordedRoom } from "../unit/server/durability/recorded-room.ts";
import { mutate, World } from "../unit/server/durability/recorded-world.ts";
import { contentOf } from "../unit/server/durability/state-content.ts";

/** Places at which each file is cut, beside all of SQLite's own borders. */
const CUTS = runCount(60, 10_000);

const TIMEOUT_MS = runCount(60_000, 3_600_000);

const SQLITE_HEADS = [0, 31, 32];
const FRAME_BYTES = 4_096 + 24;

/** Everything that a room is after a tick, as it is compared. */
interface Remembered {
  readonly content: unknown[];
  readonly seats: readonly string[];
  readonly intents: readonly string[];
}

/** A durable room that plays, and remembers what it was after each of its ticks. */
class Played {
  readonly ticks: Remembered[] = [];
  readonly #durable: DurableRoom;
  readonly #random: SeededRandom;
  readonly #room = new RecordedRoom(new World());
  readonly #seats = new Set<string>();
  #intents: string[] = [];

  constructor(durable: DurableRoom, random: SeededRandom) {
    this.#durable = durable;
    this.#random = random;
  }

  /** So many ticks in which something happened; resolves when they are committed. */
  async play(ticks: number): Promise<void> {
    const { length } = this.ticks;
    while (this.ticks.length < length + ticks) {
      mutate(this.#room.state, this.#random);
      this.#visit();
      const record = this.#room.save();
      this.#room.encoder.discardChanges();
      const tick = this.#durable.takeTick({ tick: this.ticks.length + 1, at: 1 }, record);
      if (tick === undefined) continue;
      // oxlint-disable-next-line no-await-in-loop -- tick by tick
      await this.#durable.append(tick);
      this.ticks.push({
        content: contentOf(this.#room.state),
        seats: [...this.#seats].toSorted(),
        intents: [...this.#intents],
      });
    }
  }

  /** Somebody joins, leaves for good, or asks for something. */
  #visit(): void {
    const sessionId = `session ${this.#random.integer(0, 3)}`;
    if (this.#seats.delete(sessionId)) {
      this.#durable.noteGoneSeat(sessionId);
    } else {
      this.#seats.add(sessionId);
      const user = { id: sessionId, name: "Ada" };
      const kept = { isOurs: true, hasToken: false, expiresAt: undefined };
      this.#durable.noteSeat({ sessionId, user, tokenHash: "hash", ...kept });
    }
    const intentId = `intent ${this.ticks.length}`;
    this.#intents.push(intentId);
    this.#durable.noteIntent({ userId: sessionId, intentId, at: 1, reply: this.ticks.length });
  }
}

/** What a process finds that opens the file; undefined: nothing was ever saved. */
function find(path: string): [tick: number, found: Remembered] | undefined {
  using db = new DatabaseSync(path, { readOnly: true });
  const saved = new RoomTables(db).load("board");
  assert.ok(saved?.isWhole, "it says that something is missing");
  const image = RoomImage.read(saved);
  if (image.sequence === 0) return undefined;
  const found = {
    content: contentOf(new RecordedRoom(rebuildState(World, image.state), image.state).state),
    seats: image.seats.map(({ sessionId }) => sessionId).toSorted(),
    intents: image.intents.map(({ intentId }) => intentId),
  };
  return [image.sequence, found];
}

describe("a durable room whose process is killed while SQLite writes", () => {
  const folder = useTemporaryFolder();
  const random = useSeededRandom();
  let path: string;
  let files = 0;
  let store: SqliteStore;
  let other: DatabaseSync;
  let played: Played;

  beforeEach(async () => {
    files += 1;
    path = join(folder(), `kept-${files}.db`);
    store = new SqliteStore(path, { clock: systemClock, logger: silentLogger });
    const claim = await openRoom(store.rooms);
    const image = undefined;
    const onClosed = (): void => {};
    const options = { store: store.rooms, claim, image, logger: silentLogger, onClosed };
    played = new Played(new DurableRoom(options), random());
    other = new DatabaseSync(path);
    checkpoint("TRUNCATE");
  });
  afterEach(async () => {
    other.close();
    await store.close();
  });

  function checkpoint(how: "PASSIVE" | "RESTART" | "TRUNCATE"): void {
    const { busy } = other.prepare(`PRAGMA wal_checkpoint(${how})`).get()!;
    assert.equal(busy, 0);
  }

  const read = (): [file: Buffer, log: Buffer] => [readFileSync(path), readFileSync(`${path}-wal`)];

  /** The ticks that are found when the writing of `after` over `before` ended at each byte. */
  function cut(before: Buffer, after: Buffer, put: (cut: Buffer) => [Buffer, Buffer]): number[] {
    const copy = join(folder(), `cut-${files}.db`);
    return offsetsOf(after.length).map((offset) => {
      const [file, log] = put(Buffer.concat([after.subarray(0, offset), before.subarray(offset)]));
      writeFileSync(copy, file);
      writeFileSync(`${copy}-wal`, log);
      rmSync(`${copy}-shm`, { force: true });
      const [tick, found] = find(copy) ?? [0];
      if (tick > 0) assert.deepEqual(found, played.ticks[tick - 1], `cut at byte ${offset}`);
      return tick;
    });
  }

  /** Around each of SQLite's own borders, at the end, and as many others as are tried. */
  function offsetsOf(length: number): number[] {
    const step = Math.max(1, Math.floor(length / CUTS));
    const offsets = new Set([length]);
    for (let at = random().integer(0, step - 1); at < length; at += step) offsets.add(at);
    for (let frame = 0; frame < length; frame += FRAME_BYTES) {
      for (const head of SQLITE_HEADS) if (frame + head < length) offsets.add(frame + head);
    }
    return [...offsets].toSorted((one, another) => one - another);
  }

  it("is what its last commit left, wherever the log ends", async function () {
    this.timeout(TIMEOUT_MS);
    await played.play(6);
    const [file, log] = read();
    const ticks = cut(Buffer.alloc(0), log, (cutLog) => [file, cutLog]);
    assert.deepEqual([...new Set(ticks)], [0, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(
      ticks,
      ticks.toSorted((one, another) => one - another),
    );
  });

  it("is what its last commit left, wherever a log ends that was begun anew", async function () {
    this.timeout(TIMEOUT_MS);
    await played.play(6);
    const [, oldLog] = read();
    checkpoint("RESTART");
    await played.play(4);
    const [file, log] = read();
    assert.equal(log.length, oldLog.length, "it is longer than the one before");
    const ticks = cut(oldLog, log, (cutLog) => [file, cutLog]);
    assert.deepEqual([...new Set(ticks)], [6, 7, 8, 9, 10]);
    assert.deepEqual(
      ticks,
      ticks.toSorted((one, another) => one - another),
    );
  });

  it("is as it was, wherever the log's way into the file ends", async function () {
    this.timeout(TIMEOUT_MS);
    await played.play(6);
    const [oldFile, log] = read();
    checkpoint("PASSIVE");
    const [file] = read();
    assert.notDeepEqual(file, oldFile);
    const ticks = cut(oldFile, file, (cutFile) => [cutFile, log]);
    assert.deepEqual([...new Set(ticks)], [6]);
  });
});

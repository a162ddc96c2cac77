import assert from "node:assert/strict";
import { compactState } from "../../../../server/durability/state/compact-state.ts";
import { readSavedState } from "../../../../server/durability/state/read-saved-state.ts";
import { rebuildState } from "../../../../server/durability/state/rebuild-state.ts";
import { RecordWriter } from "../../../../server/durability/state/record-writer.ts";
import type { SavedRecords } from "../../../../server/durability/state/saved-records.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { runCount } from "../../../support/run-count.ts";
import { SeededRandom, useSeededRandom } from "../../../support/seeded-random.ts";
import { RecordedRoom } from "./recorded-room.ts";
import { mutate, World } from "./recorded-world.ts";

/** Damaged records that are tried. */
const RUNS = runCount(800, 100_000);

function savedWorld(seed: number, ticks: number): SavedRecords {
  const random = new SeededRandom(seed);
  const room = new RecordedRoom(new World());
  for (let tick = 0; tick < ticks; tick++) {
    mutate(room.state, random);
    room.tick();
  }
  return room.saved;
}

/** Everything that reads records, on these; each either succeeds or throws a typed error. */
function readAll(saved: SavedRecords): string[] {
  const readings = [
    () => readSavedState(saved),
    () => compactState(saved.snapshot, saved.changes),
    () => rebuildState(World, saved),
  ];
  return readings.map((read) => {
    try {
      read();
      return "";
    } catch (error) {
      assert.ok(error instanceof SyncError, `${String(error)} ${(error as Error).stack}`);
      return error.code;
    }
  });
}

describe("a record of a state", () => {
  const random = useSeededRandom();

  it("is refused when it was cut off, at whatever byte", () => {
    const { changes } = savedWorld(3, 6);
    for (const [at, record] of changes.entries()) {
      for (let length = 0; length < record.byteLength; length++) {
        const cut = [...changes.slice(0, at), record.subarray(0, length)];
        const codes = readAll({ changes: cut });
        assert.deepEqual(codes, Array(3).fill("state-malformed"), `record ${at}, byte ${length}`);
      }
    }
  });

  it("is refused with bytes behind it", () => {
    const { changes } = savedWorld(4, 3);
    const longer = changes.map((record) => Uint8Array.of(...record, 0));
    assert.deepEqual(readAll({ changes: longer }), Array(3).fill("state-malformed"));
  });

  it(`is refused by a typed error, or read, when bytes of it are others (${RUNS} records)`, function () {
    this.timeout(RUNS * 60);
    const worlds = [5, 6, 7, 8].map((seed) => savedWorld(seed, 10));
    const codes = new Set<string>();
    for (let run = 0; run < RUNS; run++) {
      const world = random().pick(worlds);
      const changes = world.changes.map((record) => record.slice());
      for (let damage = random().integer(1, 3); damage > 0; damage--) {
        const record = random().pick(changes);
        record[random().integer(0, record.byteLength - 1)] = random().integer(0, 255);
      }
      const snapshot = random().next() < 0.5 ? changes.shift() : undefined;
      for (const code of readAll({ snapshot, changes })) codes.add(code);
    }
    assert.ok(codes.has("state-malformed") && codes.has("state-incompatible"), [...codes].join());
  });

  it("is refused without one before it that has the whole state", () => {
    const { changes } = savedWorld(9, 4);
    const { message } = refusalOf(() => readSavedState({ changes: changes.slice(1) }));
    assert.equal(message, "no record of the state has all of it");
    assert.equal(refusalOf(() => readSavedState({ changes: [] })).code, "state-malformed");
  });

  it("is refused when it is of another layout, by number", () => {
    const writer = new RecordWriter();
    writer.byte(9);
    const { code, message } = refusalOf(() => readSavedState({ changes: [writer.copy()] }));
    assert.equal(code, "state-incompatible");
    assert.equal(message, "state is saved in layout 9; this version reads 1");
  });

  it("announces no more than it has", () => {
    const writer = new RecordWriter();
    writer.raw(Uint8Array.of(1, 1, 1, 0));
    // An array of 2^50 elements, all of them empty places.
    writer.raw(Uint8Array.of(3, 1));
    writer.string("number");
    writer.varint(2 ** 50);
    const { message } = refusalOf(() => readSavedState({ changes: [writer.copy()] }));
    assert.equal(message, "1125899906842624 values announced, 0 bytes left");
  });
});

function refusalOf(run: () => unknown): SyncError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof SyncError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

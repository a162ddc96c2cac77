import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MAX_SWEPT_ROWS } from "../../shared/limits.ts";
import { checksumOf } from "./room-checksum.ts";
import type { RoomRecord } from "./room-store.ts";

/** A place in a room's history, behind which its ticks are read or kept. */
export interface TickPosition {
  readonly branch: number;
  readonly tick: number;
}

/** The ticks of the rooms of a file; every method that writes runs inside a transaction. */
export class SqliteTicks {
  readonly #insert: StatementSync;
  readonly #load: StatementSync;
  readonly #drop: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      "INSERT INTO room_ticks (room, branch, tick, checksum, bytes) VALUES (?, ?, ?, ?, ?)",
    );
    this.#load = db.prepare(`
      SELECT tick, checksum, bytes FROM room_ticks
      WHERE room = ? AND branch = ? AND tick > ? ORDER BY tick`);
    this.#drop = db.prepare(`
      DELETE FROM room_ticks WHERE rowid IN (
        SELECT rowid FROM room_ticks WHERE room = ?
          AND NOT (branch = ? AND tick > ?) AND NOT (branch = ? AND tick > ?)
        LIMIT ${MAX_SWEPT_ROWS})`);
  }

  append(room: number, branch: number, { tick, bytes }: RoomRecord): void {
    const checksum = checksumOf({ kind: "tick", room, branch, tick }, [bytes]);
    this.#insert.run(room, branch, tick, checksum, bytes);
  }

  /** Those behind `from` up to the first that is torn, missing or altered. */
  load(room: number, { branch, tick: from }: TickPosition): RoomRecord[] {
    const ticks: RoomRecord[] = [];
    for (const row of this.#load.all(room, branch, from)) {
      const [tick, bytes] = [row["tick"] as number, row["bytes"] as Uint8Array];
      const checksum = checksumOf({ kind: "tick", room, branch, tick }, [bytes]);
      if (tick !== from + ticks.length + 1 || checksum !== row["checksum"]) break;
      ticks.push({ tick, bytes });
    }
    return ticks;
  }

  /** Drops some of those that are behind neither position; returns whether that was all. */
  dropBut(room: number, one: TickPosition, other: TickPosition): boolean {
    const { changes } = this.#drop.run(room, one.branch, one.tick, other.branch, other.tick);
    return changes < MAX_SWEPT_ROWS;
  }
}

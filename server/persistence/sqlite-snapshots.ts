import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MAX_COMMIT_BYTES, MAX_SNAPSHOT_CHUNK_BYTES } from "../../shared/limits.ts";
import { checksumOf } from "./room-checksum.ts";
import type { RoomRecord } from "./room-store.ts";
import type { Row } from "./sqlite-rows.ts";
import type { TickPosition } from "./sqlite-ticks.ts";

/** A snapshot in a file, without its bytes. */
export interface SnapshotRow extends TickPosition {
  readonly number: number;
  readonly room: number;
  readonly byteLength: number;
  readonly checksum: number;
}

/** The snapshots of the rooms of a file; every method that writes runs inside a transaction. */
export class SqliteSnapshots {
  readonly #insert: StatementSync;
  readonly #insertChunk: StatementSync;
  readonly #seal: StatementSync;
  readonly #keep: StatementSync;
  readonly #list: StatementSync;
  readonly #loadChunks: StatementSync;
  readonly #dropChunks: StatementSync;
  readonly #drop: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(`
      INSERT INTO room_snapshots (room, branch, tick, byte_length, checksum)
      VALUES (?, ?, ?, ?, 0)`);
    this.#insertChunk = db.prepare(
      "INSERT INTO room_chunks (snapshot, position, bytes) VALUES (?, ?, ?)",
    );
    this.#seal = db.prepare("UPDATE room_snapshots SET branch = ?, checksum = ? WHERE number = ?");
    this.#keep = db.prepare(`
      UPDATE room_snapshots SET is_complete = number IN (?, ?) WHERE room = ?`);
    this.#list = db.prepare(`
      SELECT * FROM room_snapshots WHERE room = ? AND is_complete = 1 ORDER BY number DESC`);
    this.#loadChunks = db.prepare(
      "SELECT position, bytes FROM room_chunks WHERE snapshot = ? ORDER BY position",
    );
    const most = Math.floor(MAX_COMMIT_BYTES / MAX_SNAPSHOT_CHUNK_BYTES);
    this.#dropChunks = db.prepare(`
      DELETE FROM room_chunks WHERE rowid IN (
        SELECT rowid FROM room_chunks WHERE snapshot IN (
          SELECT number FROM room_snapshots WHERE room = ? AND is_complete = 0)
        LIMIT ${most})`);
    this.#drop = db.prepare("DELETE FROM room_snapshots WHERE room = ? AND is_complete = 0");
  }

  /** Begins a snapshot, which is not one yet. Without a branch it begins one of its own. */
  begin(room: number, branch: number | undefined, { tick, bytes }: RoomRecord): SnapshotRow {
    const made = this.#insert.run(room, branch ?? 0, tick, bytes.length);
    const number = Number(made.lastInsertRowid);
    const chosen = branch ?? number;
    const checksum = checksumOf({ kind: "snapshot", room, branch: chosen, tick }, [bytes]);
    this.#seal.run(chosen, checksum, number);
    return { number, room, branch: chosen, tick, byteLength: bytes.length, checksum };
  }

  addChunk({ number }: SnapshotRow, position: number, bytes: Uint8Array): void {
    this.#insertChunk.run(number, position, bytes);
  }

  /** Makes a snapshot count, beside one other of the room; what else there is, does not. */
  complete({ number, room }: SnapshotRow, previous: SnapshotRow | undefined): void {
    this.#keep.run(number, previous?.number ?? 0, room);
  }

  /** Complete ones, newest first. */
  list(room: number): SnapshotRow[] {
    return this.#list.all(room).map(rowToSnapshot);
  }

  /** Undefined when it cannot be read as it was written. */
  load({ number, room, branch, tick, byteLength, checksum }: SnapshotRow): RoomRecord | undefined {
    const rows = this.#loadChunks.all(number);
    const chunks = rows.map((row) => row["bytes"] as Uint8Array);
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const isInOrder = rows.every((row, index) => row["position"] === index);
    const found = checksumOf({ kind: "snapshot", room, branch, tick }, chunks);
    if (length !== byteLength || !isInOrder || found !== checksum) return undefined;
    return { tick, bytes: joinChunks(chunks, length) };
  }

  /** Drops some of what does not count, of one room; returns whether that was all. */
  dropUnfinished(room: number): boolean {
    if (this.#dropChunks.run(room).changes > 0) return false;
    this.#drop.run(room);
    return true;
  }
}

function joinChunks(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.length;
  }
  return bytes;
}

function rowToSnapshot(row: Row): SnapshotRow {
  return {
    number: row["number"] as number,
    room: row["room"] as number,
    branch: row["branch"] as number,
    tick: row["tick"] as number,
    byteLength: row["byte_length"] as number,
    checksum: row["checksum"] as number,
  };
}

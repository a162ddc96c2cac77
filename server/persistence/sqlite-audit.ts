import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MAX_SWEPT_ROWS } from "../../shared/limits.ts";
import type { AuditEntry, AuditPosition, PlacedAuditEntry } from "./room-store.ts";
import type { Row } from "./sqlite-rows.ts";

/** The audit logs of the rooms of a file; what writes runs inside a transaction. */
export class SqliteAudit {
  readonly #maxEntries: number;
  readonly #insert: StatementSync;
  readonly #count: StatementSync;
  readonly #dropOldest: StatementSync;
  readonly #load: StatementSync;
  readonly #sweep: StatementSync;

  constructor(db: DatabaseSync, maxEntries: number) {
    this.#maxEntries = maxEntries;
    this.#insert = db.prepare(
      "INSERT INTO room_audit (room, at, user_id, name, data) VALUES (?, ?, ?, ?, ?)",
    );
    this.#count = db.prepare("SELECT audit_entries FROM rooms WHERE number = ?");
    this.#dropOldest = db.prepare(`
      DELETE FROM room_audit WHERE position IN (
        SELECT position FROM room_audit WHERE room = ? ORDER BY position LIMIT ?)`);
    this.#load = db.prepare(`
      SELECT position, at, user_id, name, data FROM room_audit
      WHERE room = (SELECT number FROM rooms WHERE room_id = ?) AND position < ? AND at >= ?
      ORDER BY position DESC LIMIT ?`);
    this.#sweep = db.prepare(`
      DELETE FROM room_audit WHERE position IN (
        SELECT position FROM room_audit WHERE at < ? LIMIT ${MAX_SWEPT_ROWS})`);
  }

  add(room: number, entries: readonly AuditEntry[]): void {
    if (entries.length === 0) return;
    // What would go again at once is not written.
    for (const { at, userId, name, data } of entries.slice(-this.#maxEntries)) {
      this.#insert.run(room, at, userId, name, data);
    }
    const surplus = Number(this.#count.get(room)?.["audit_entries"]) - this.#maxEntries;
    if (surplus > 0) this.#dropOldest.run(room, surplus);
  }

  /** Newest first, of those that are older than `before` and not from before `since`. */
  load(roomId: string, limit: number, before: AuditPosition, since: number): PlacedAuditEntry[] {
    return this.#load.all(roomId, before, since, limit).map(rowToEntry);
  }

  /** Deletes some of what is from before `since`; returns whether that was all. */
  sweep(since: number): boolean {
    return this.#sweep.run(since).changes < MAX_SWEPT_ROWS;
  }
}

function rowToEntry(row: Row): PlacedAuditEntry {
  return {
    position: row["position"] as number,
    at: row["at"] as number,
    userId: row["user_id"] as string,
    name: row["name"] as string,
    data: row["data"] as string,
  };
}

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MAX_SWEPT_ROWS } from "../../shared/limits.ts";
import { roomExists, roomNotFound } from "./room-arguments.ts";
import { roomLost } from "./room-lease.ts";
import type { RoomClaim, RoomHead } from "./room-store.ts";
import { SqliteClaims } from "./sqlite-claims.ts";
import type { Row } from "./sqlite-rows.ts";

/** Where a room stands in its file. */
export interface RoomPosition {
  readonly number: number;
  readonly lastTick: number;
  /**
   * Which history its ticks belong to: the number of the snapshot that was saved in place of
   * everything before it; 0 as long as none was.
   */
  readonly branch: number;
}

/** A room as its file knows it. */
export interface RoomRow extends RoomPosition {
  readonly head: RoomHead;
}

/** The rooms of a file; every method that writes runs inside somebody's transaction. */
export class SqliteRoomHeads {
  readonly claims: SqliteClaims;
  readonly #findClaimed: StatementSync;
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #insert: StatementSync;
  readonly #advance: StatementSync;
  readonly #forget: StatementSync;
  readonly #findForgotten: StatementSync;
  readonly #purges: readonly StatementSync[];

  constructor(db: DatabaseSync) {
    this.claims = new SqliteClaims(db);
    // In one statement, because every tick of every room asks it.
    this.#findClaimed = db.prepare(`
      SELECT room_claims.token, rooms.number, rooms.last_tick, rooms.branch
      FROM room_claims LEFT JOIN rooms USING (room_id) WHERE room_claims.room_id = ?`);
    this.#find = db.prepare("SELECT * FROM rooms WHERE room_id = ?");
    this.#list = db.prepare("SELECT * FROM rooms WHERE room_id IS NOT NULL ORDER BY room_id");
    this.#insert = db.prepare("INSERT INTO rooms (room_id, room_name, options) VALUES (?, ?, ?)");
    this.#advance = db.prepare(
      "UPDATE rooms SET last_tick = ?, open_seats = ?, branch = ? WHERE number = ?",
    );
    this.#forget = db.prepare("UPDATE rooms SET room_id = NULL WHERE room_id = ?");
    this.#findForgotten = db.prepare("SELECT number FROM rooms WHERE room_id IS NULL LIMIT 1");
    this.#purges = [
      purgeOf("room_ticks", "room = ?"),
      purgeOf("room_audit", "room = ?"),
      purgeOf("room_chunks", "snapshot IN (SELECT number FROM room_snapshots WHERE room = ?)", 4),
      purgeOf("room_snapshots", "room = ?"),
      purgeOf("rooms", "number = ?"),
    ].map((sql) => db.prepare(sql));
  }

  find(roomId: string): RoomRow | undefined {
    const row = this.#find.get(roomId);
    return row && rowToRoom(row);
  }

  list(): RoomHead[] {
    return this.#list.all().map((row) => rowToRoom(row).head);
  }

  /** The room that a claim may write; throws `room-lost` or `not-found`. */
  require(claim: RoomClaim): RoomPosition {
    const row = this.#findClaimed.get(claim.roomId);
    if (row?.["token"] !== claim.token) throw roomLost(claim);
    if (row["number"] === null) throw roomNotFound(claim.roomId);
    return rowToPosition(row);
  }

  create(claim: RoomClaim, { roomName, options }: Pick<RoomHead, "roomName" | "options">): void {
    this.claims.check(claim);
    if (this.find(claim.roomId) !== undefined) throw roomExists(claim.roomId);
    this.#insert.run(claim.roomId, roomName, options);
  }

  advance(room: RoomPosition, lastTick: number, openSeats: number, branch = room.branch): void {
    this.#advance.run(lastTick, openSeats, branch, room.number);
  }

  forget(claim: RoomClaim): void {
    this.claims.check(claim);
    this.#forget.run(claim.roomId);
  }

  /** Deletes some of what forgotten rooms left behind; returns whether that was all. */
  purge(): boolean {
    const number = this.#findForgotten.get()?.["number"];
    if (number === undefined) return true;
    // One table after the other, and the room's own row last: it is found again until then.
    this.#purges.some((purge) => purge.run(number).changes > 0);
    return false;
  }
}

function purgeOf(table: string, where: string, limit = MAX_SWEPT_ROWS): string {
  return `
    DELETE FROM ${table}
    WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} LIMIT ${limit})`;
}

function rowToRoom(row: Row): RoomRow {
  const head = {
    roomId: row["room_id"] as string,
    roomName: row["room_name"] as string,
    options: row["options"] as string,
    openSeats: row["open_seats"] as number,
  };
  return { head, ...rowToPosition(row) };
}

function rowToPosition(row: Row): RoomPosition {
  const [number, branch] = [row["number"] as number, row["branch"] as number];
  return { number, lastTick: row["last_tick"] as number, branch };
}

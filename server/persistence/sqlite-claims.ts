import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ROOM_LEASE_MS } from "../../shared/limits.ts";
import { leaseLeftMs, roomClaimed, roomLost, type RoomLease } from "./room-lease.ts";
import type { RoomClaim, RoomOwner } from "./room-store.ts";
import type { Row } from "./sqlite-rows.ts";

/** Who has which room, in a file; every method runs inside somebody's transaction. */
export class SqliteClaims {
  readonly #find: StatementSync;
  readonly #findToken: StatementSync;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #setExpiry: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare("SELECT * FROM room_claims WHERE room_id = ?");
    this.#findToken = db.prepare("SELECT token FROM room_claims WHERE room_id = ?");
    this.#insert = db.prepare(`
      INSERT INTO room_claims (room_id, host, process_id, started_at, server_id, expires_at)
      VALUES (?, ?, ?, ?, ?, ?)`);
    this.#remove = db.prepare("DELETE FROM room_claims WHERE token = ?");
    this.#setExpiry = db.prepare("UPDATE room_claims SET expires_at = ? WHERE token = ?");
  }

  /** Returns the claim, or what it is refused with, which has to be committed as well. */
  claim(roomId: string, owner: RoomOwner, now: number): RoomClaim | Error {
    const row = this.#find.get(roomId);
    if (row !== undefined) {
      const lease = rowToLease(row);
      const leftMs = leaseLeftMs(lease, now);
      if (leftMs > 0) {
        if (lease.expiresAt > now + leftMs) this.#setExpiry.run(now + leftMs, lease.token);
        return roomClaimed(roomId, leftMs);
      }
      this.#remove.run(lease.token);
    }
    const { host, processId, startedAt, serverId } = owner;
    const expiresAt = now + ROOM_LEASE_MS;
    const made = this.#insert.run(roomId, host, processId, startedAt, serverId, expiresAt);
    return { roomId, token: Number(made.lastInsertRowid) };
  }

  renew(claim: RoomClaim, now: number): void {
    this.check(claim);
    this.#setExpiry.run(now + ROOM_LEASE_MS, claim.token);
  }

  release({ token }: RoomClaim): void {
    this.#remove.run(token);
  }

  /** Throws `room-lost` for a claim that is not the newest. */
  check(claim: RoomClaim): void {
    if (this.#findToken.get(claim.roomId)?.["token"] !== claim.token) throw roomLost(claim);
  }
}

function rowToLease(row: Row): RoomLease {
  const owner = {
    host: row["host"] as string,
    processId: row["process_id"] as number,
    startedAt: row["started_at"] as string,
    serverId: row["server_id"] as string,
  };
  const [token, expiresAt] = [row["token"] as number, row["expires_at"] as number];
  return { owner, token, expiresAt };
}

import type { DatabaseSync } from "node:sqlite";
import { roomUnreadable } from "./room-arguments.ts";
import type { RoomClaim, RoomRecord, SavedRoom } from "./room-store.ts";
import { SqliteRoomHeads, type RoomRow } from "./sqlite-room-heads.ts";
import { SqliteSnapshots, type SnapshotRow } from "./sqlite-snapshots.ts";
import { SqliteTicks } from "./sqlite-ticks.ts";

/** What can be read of a room, and where it stands in its file. */
export interface RoomHistory extends SavedRoom {
  readonly room: RoomRow;
  /** The snapshot's own row. */
  readonly base: SnapshotRow | undefined;
}

/**
 * Everything that one connection says about rooms. Of each room the file keeps two snapshots
 * and the ticks since the older one: when the newer cannot be read, that is as good.
 */
export class RoomTables {
  readonly heads: SqliteRoomHeads;
  readonly ticks: SqliteTicks;
  readonly snapshots: SqliteSnapshots;
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.heads = new SqliteRoomHeads(db);
    this.ticks = new SqliteTicks(db);
    this.snapshots = new SqliteSnapshots(db);
  }

  /** Outside of any transaction. */
  load(roomId: string): RoomHistory | undefined {
    return this.#atOneMoment(() => {
      const room = this.heads.find(roomId);
      return room && this.#read(room);
    });
  }

  /** The same for who has the room; throws `room-lost` or `not-found`. */
  loadClaimed(claim: RoomClaim): RoomHistory {
    return this.#atOneMoment(() => {
      this.heads.require(claim);
      return this.#read(this.heads.find(claim.roomId)!);
    });
  }

  #read(room: RoomRow): RoomHistory {
    const { head, number, lastTick } = room;
    const [base, snapshot] = this.#readSnapshot(number);
    const ticks = this.ticks.load(number, base ?? { branch: 0, tick: 0 });
    const reached = ticks.at(-1)?.tick ?? base?.tick ?? 0;
    if (reached === 0 && lastTick > 0) throw roomUnreadable(head.roomId);
    const isOfBranch = (base?.branch ?? 0) === room.branch;
    return { head, snapshot, ticks, isWhole: isOfBranch && reached === lastTick, room, base };
  }

  #readSnapshot(room: number): [row: SnapshotRow, read: RoomRecord] | [] {
    for (const row of this.snapshots.list(room)) {
      const read = this.snapshots.load(row);
      if (read !== undefined) return [row, read];
    }
    return [];
  }

  /** Reads of one transaction see the file as of one moment, whoever writes meanwhile. */
  #atOneMoment<Result>(read: () => Result): Result {
    this.#db.exec("BEGIN");
    try {
      return read();
    } finally {
      this.#db.exec("COMMIT");
    }
  }
}

import type { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { STORE_BUSY_TIMEOUT_MS, STORE_WORKER_PAUSE_MS } from "../../shared/limits.ts";
import { loadCompactRoom } from "./load-compact-room.ts";
import { notCompacted } from "./room-arguments.ts";
import { RoomTables, type RoomHistory } from "./room-history.ts";
import type { CompactRoom, RoomClaim, RoomRecord } from "./room-store.ts";
import { openDatabase } from "./sqlite-schema.ts";
import type { StoreWorkerData } from "./store-worker.ts";
import { writeSnapshot } from "./write-snapshot.ts";

/** Long work on a store's file, on a connection of its own. */
export interface StoreWork {
  compact(claim: RoomClaim): Promise<void>;
  checkpoint(): void;
}

/** It waits for the file inside SQLite: nothing else runs on its thread. */
export function openStoreWork(data: StoreWorkerData): StoreWork {
  const { path, durability, maxFileBytes, compactRoomUrl } = data;
  const db = openDatabase(path, durability, maxFileBytes);
  db.exec(`PRAGMA busy_timeout = ${STORE_BUSY_TIMEOUT_MS}; PRAGMA wal_autocheckpoint = 0`);
  const tables = new RoomTables(db);
  const transact = createTransact(db);
  const checkpoint = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");

  async function compact(claim: RoomClaim): Promise<void> {
    const history = tables.loadClaimed(claim);
    if (!history.isWhole) throw notCompacted(claim.roomId, "what was saved of it is damaged");
    if (history.ticks.length === 0) return;
    const url = compactRoomUrl === undefined ? undefined : new URL(compactRoomUrl);
    const compactRoom = await loadCompactRoom(url);
    if (compactRoom === undefined) return;
    const record = runCompactRoom(compactRoom, history);
    const { room, base: previous } = history;
    const plan = { room, record, previous, continues: true, onComplete: () => {} };
    await writeSnapshot({ path, tables, transact, claim }, plan);
  }

  return { compact, checkpoint: () => void checkpoint.get() };
}

function runCompactRoom(compactRoom: CompactRoom, history: RoomHistory): RoomRecord {
  const { head, snapshot, ticks } = history;
  let made: RoomRecord;
  try {
    made = compactRoom(snapshot, ticks);
  } catch (cause) {
    throw notCompacted(head.roomId, String(cause), cause);
  }
  const last = ticks.at(-1)?.tick;
  if (made.tick === last) return made;
  throw notCompacted(head.roomId, `the snapshot is of tick ${made.tick}, not ${last}`);
}

function createTransact(
  db: DatabaseSync,
): <Result>(_: number, work: () => Result) => Promise<Result> {
  return async (_byteLength, work) => {
    const startedAt = performance.now();
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    } finally {
      // The ticks that wait for the file have it for at least as long.
      await pause(Math.max(STORE_WORKER_PAUSE_MS, performance.now() - startedAt));
    }
  };
}

import type { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { STORE_BUSY_TIMEOUT_MS, STORE_WORKER_PAUSE_MS } from "../../shared/limits.ts";
import { compactRecords } from "./compact-records.ts";
import { loadCompactRoom } from "./load-compact-room.ts";
import { notCompacted } from "./room-arguments.ts";
import { RoomTables } from "./room-history.ts";
import type { RoomClaim } from "./room-store.ts";
import { openDatabase } from "./sqlite-schema.ts";
import type { StoreWorkerData } from "./store-worker.ts";
import { writeSnapshot } from "./write-snapshot.ts";

/** Others cannot write for so long at most while readers are in the way. */
const CHECKPOINT_WAIT_MS = 20;

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

  async function compact(claim: RoomClaim): Promise<void> {
    const history = tables.loadClaimed(claim);
    if (!history.isWhole) throw notCompacted(claim.roomId, "what was saved of it is damaged");
    if (history.ticks.length === 0) return;
    const url = compactRoomUrl === undefined ? undefined : new URL(compactRoomUrl);
    const compactRoom = await loadCompactRoom(url);
    if (compactRoom === undefined) return;
    const { room, base: previous, snapshot, ticks } = history;
    const record = compactRecords(compactRoom, claim.roomId, snapshot, ticks);
    const plan = { room, record, previous, continues: true, onComplete: () => {} };
    await writeSnapshot({ path, tables, transact, claim }, plan);
  }

  return { compact, checkpoint: () => shortenLog(db) };
}

/**
 * Moves the log into the file beside those who go on writing, which takes long, and then what
 * they wrote meanwhile while they wait, which does not: the log begins anew only when nothing
 * of it is left. Who still reads an old part of it, as a backup does, is not waited for.
 */
function shortenLog(db: DatabaseSync): void {
  db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  db.exec(`PRAGMA busy_timeout = ${CHECKPOINT_WAIT_MS}`);
  try {
    db.exec("PRAGMA wal_checkpoint(FULL)");
  } finally {
    db.exec(`PRAGMA busy_timeout = ${STORE_BUSY_TIMEOUT_MS}`);
  }
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

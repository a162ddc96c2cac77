import { DatabaseSync } from "node:sqlite";
import { SyncError } from "../../shared/errors.ts";
import { STORE_AUTO_CHECKPOINT_PAGES, STORE_BUSY_TIMEOUT_MS } from "../../shared/limits.ts";
import type { Durability } from "./durability.ts";
import { ROOM_TABLES } from "./sqlite-room-tables.ts";

/** Marks a file as ours in its header: "Atrm". */
const APPLICATION_ID = 0x4174_726d;
const MESSAGE_TABLES = `
  CREATE TABLE topics (
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    offset INTEGER NOT NULL,
    is_complete INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX empty_topics ON topics (saved_at) WHERE messages = 0;

  CREATE TABLE messages (
    topic TEXT NOT NULL,
    id TEXT NOT NULL,
    offset INTEGER NOT NULL,
    event TEXT NOT NULL,
    data TEXT NOT NULL,
    user_id TEXT,
    session_id TEXT,
    created_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    UNIQUE (topic, id)
  ) STRICT;
  CREATE INDEX messages_by_position ON messages (topic, created_at, offset);
  CREATE INDEX messages_by_age ON messages (created_at);

  CREATE TRIGGER count_saved AFTER INSERT ON messages BEGIN
    UPDATE topics SET messages = messages + 1 WHERE name = NEW.topic;
  END;
  CREATE TRIGGER count_deleted AFTER DELETE ON messages BEGIN
    UPDATE topics SET messages = messages - 1 WHERE name = OLD.topic;
  END;
`;

/** What each version adds to the one before it; a file keeps its own as its `user_version`. */
const VERSIONS = [MESSAGE_TABLES, ROOM_TABLES];

/**
 * Opens the file, making its tables when it is new or empty, and adding to them when it is
 * of an older version. Throws `store-unavailable`, and leaves the file as it is, when it is
 * damaged, another program's, or of a newer version.
 */
export function openDatabase(
  path: string,
  durability: Durability,
  maxFileBytes?: number,
): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    // Another process may be opening the file at the same moment.
    db = new DatabaseSync(path, { timeout: STORE_BUSY_TIMEOUT_MS });
    if (readVersion(db, path) < VERSIONS.length) upgrade(db, path);
    const synchronous = durability === "power-loss" ? "FULL" : "NORMAL";
    // From now on nothing waits inside SQLite, where it would hold up the event loop.
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${synchronous};
      PRAGMA wal_autocheckpoint = ${STORE_AUTO_CHECKPOINT_PAGES};
      PRAGMA busy_timeout = 0`);
    if (maxFileBytes !== undefined) {
      const maxPages = Math.floor(maxFileBytes / readNumber(db, "PRAGMA page_size"));
      db.exec(`PRAGMA max_page_count = ${maxPages}`);
    }
    return db;
  } catch (cause) {
    db?.close();
    if (cause instanceof SyncError) throw cause;
    throw new SyncError("store-unavailable", `store "${path}" cannot be opened`, { cause });
  }
}

/** Throws `store-unavailable` for a file that holds no store, or one of a newer version. */
export function requireStoreFile(db: DatabaseSync, path: string): void {
  if (readVersion(db, path) > 0) return;
  throw new SyncError("store-unavailable", `"${path}" holds no store`);
}

function upgrade(db: DatabaseSync, path: string): void {
  db.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
  // Another process may have done it since.
  for (const tables of VERSIONS.slice(readVersion(db, path))) db.exec(tables);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSIONS.length}`);
  db.exec("COMMIT");
}

/** The file's version, 0 for an empty one; throws when it is not ours to write to. */
function readVersion(db: DatabaseSync, path: string): number {
  if (readNumber(db, "SELECT count(*) FROM sqlite_schema") === 0) return 0;
  if (readNumber(db, "PRAGMA application_id") !== APPLICATION_ID) {
    throw new SyncError("store-unavailable", `"${path}" is a database of another program`);
  }
  const version = readNumber(db, "PRAGMA user_version");
  if (version <= VERSIONS.length) return version;
  const text = `store "${path}" has schema version ${version}, newer than ${VERSIONS.length}`;
  throw new SyncError("store-unavailable", text);
}

function readNumber(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0]);
}

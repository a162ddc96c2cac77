import { DatabaseSync } from "node:sqlite";
import { SyncError } from "../../shared/errors.ts";
import { STORE_BUSY_TIMEOUT_MS } from "../../shared/limits.ts";

/** Marks a file as ours in its header: "Atrm". */
const APPLICATION_ID = 0x4174_726d;
/** Raised with every change of the tables; kept in the file as its `user_version`. */
const SCHEMA_VERSION = 1;

const TABLES = `
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

/**
 * Opens the file, making its tables when it is new or empty. Throws `store-unavailable`, and
 * leaves the file as it is, when it is damaged, another program's, or of a newer version.
 */
export function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    // Another process may be opening the file at the same moment.
    db = new DatabaseSync(path, { timeout: STORE_BUSY_TIMEOUT_MS });
    if (checkOwner(db, path)) migrate(db, path);
    // From now on nothing waits inside SQLite, where it would hold up the event loop.
    db.exec("PRAGMA busy_timeout = 0; PRAGMA synchronous = NORMAL");
    return db;
  } catch (cause) {
    db?.close();
    if (cause instanceof SyncError) throw cause;
    throw new SyncError("store-unavailable", `store "${path}" cannot be opened`, { cause });
  }
}

function migrate(db: DatabaseSync, path: string): void {
  db.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
  // Another process may have made the tables since.
  if (checkOwner(db, path)) db.exec(TABLES);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
  db.exec("COMMIT");
}

/** Returns whether the file is empty; throws when it is not ours to write to. */
function checkOwner(db: DatabaseSync, path: string): boolean {
  if (readNumber(db, "SELECT count(*) FROM sqlite_schema") === 0) return true;
  if (readNumber(db, "PRAGMA application_id") !== APPLICATION_ID) {
    throw new SyncError("store-unavailable", `"${path}" is a database of another program`);
  }
  const version = readNumber(db, "PRAGMA user_version");
  if (version === SCHEMA_VERSION) return false;
  const text = `store "${path}" has schema version ${version}, not ${SCHEMA_VERSION}`;
  throw new SyncError("store-unavailable", text);
}

function readNumber(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0]);
}

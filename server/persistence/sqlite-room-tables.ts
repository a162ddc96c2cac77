/** The second version of the file: durable rooms. */
export const ROOM_TABLES = `
  CREATE TABLE room_claims (
    token INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    process_id INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    server_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;

  -- Without an id: deleted, and waiting for its records to be.
  CREATE TABLE rooms (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT UNIQUE,
    room_name TEXT NOT NULL,
    options TEXT NOT NULL,
    open_seats INTEGER NOT NULL DEFAULT 0,
    last_tick INTEGER NOT NULL DEFAULT 0,
    branch INTEGER NOT NULL DEFAULT 0,
    audit_entries INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX deleted_rooms ON rooms (number) WHERE room_id IS NULL;

  CREATE TABLE room_ticks (
    room INTEGER NOT NULL,
    branch INTEGER NOT NULL,
    tick INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (room, branch, tick)
  ) STRICT;

  CREATE TABLE room_snapshots (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL,
    branch INTEGER NOT NULL,
    tick INTEGER NOT NULL,
    byte_length INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    is_complete INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX snapshots_of_room ON room_snapshots (room, number);

  CREATE TABLE room_chunks (
    snapshot INTEGER NOT NULL,
    position INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (snapshot, position)
  ) STRICT;

  CREATE TABLE room_audit (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL,
    at INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_of_room ON room_audit (room, position);
  CREATE INDEX audit_by_age ON room_audit (at);

  CREATE TRIGGER count_noted AFTER INSERT ON room_audit BEGIN
    UPDATE rooms SET audit_entries = audit_entries + 1 WHERE number = NEW.room;
  END;
  CREATE TRIGGER count_forgotten AFTER DELETE ON room_audit BEGIN
    UPDATE rooms SET audit_entries = audit_entries - 1 WHERE number = OLD.room;
  END;
`;

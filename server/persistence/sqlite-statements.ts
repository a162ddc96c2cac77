import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Everything that the store says to its database, prepared once. */
export interface SqliteStatements {
  readonly saveTopic: StatementSync;
  readonly findTopic: StatementSync;
  readonly saveMessage: StatementSync;
  readonly replaceMessage: StatementSync;
  readonly findMessage: StatementSync;
  readonly loadMessages: StatementSync;
  readonly countMessages: StatementSync;
  readonly deleteOldest: StatementSync;
  readonly deleteExpired: StatementSync;
  readonly sweepMessages: StatementSync;
  readonly sweepTopics: StatementSync;
}

export function prepareStatements(db: DatabaseSync): SqliteStatements {
  return {
    saveTopic: db.prepare(`
      INSERT INTO topics (name, epoch, offset, is_complete, saved_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, offset = excluded.offset,
        is_complete = excluded.is_complete, saved_at = excluded.saved_at`),
    findTopic: db.prepare("SELECT epoch, offset, is_complete FROM topics WHERE name = ?"),
    saveMessage: db.prepare(`
      INSERT INTO messages (topic, id, offset, event, data, user_id, session_id,
        created_at, edited_at, deleted_at)
      VALUES ($topic, $id, $offset, $event, $data, $user_id, $session_id,
        $created_at, $edited_at, $deleted_at)`),
    replaceMessage: db.prepare(`
      UPDATE messages SET offset = $offset, event = $event, data = $data, user_id = $user_id,
        session_id = $session_id, created_at = $created_at, edited_at = $edited_at,
        deleted_at = $deleted_at
      WHERE topic = $topic AND id = $id`),
    findMessage: db.prepare(
      "SELECT * FROM messages WHERE topic = ? AND id = ? AND created_at >= ?",
    ),
    loadMessages: db.prepare(`
      SELECT * FROM messages
      WHERE topic = ? AND created_at >= ? AND (created_at, offset) < (?, ?)
      ORDER BY created_at DESC, offset DESC LIMIT ?`),
    countMessages: db.prepare("SELECT messages FROM topics WHERE name = ?"),
    deleteOldest: db.prepare(`
      DELETE FROM messages WHERE rowid IN (
        SELECT rowid FROM messages WHERE topic = ? ORDER BY created_at, offset LIMIT ?)`),
    deleteExpired: db.prepare("DELETE FROM messages WHERE topic = ? AND created_at < ?"),
    sweepMessages: db.prepare(`
      DELETE FROM messages WHERE rowid IN (
        SELECT rowid FROM messages WHERE created_at < ? LIMIT ?)`),
    sweepTopics: db.prepare(`
      DELETE FROM topics WHERE rowid IN (
        SELECT rowid FROM topics WHERE messages = 0 AND saved_at < ? LIMIT ?)`),
  };
}

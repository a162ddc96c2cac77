import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { StoredMessage, TopicRecord } from "./store.ts";

export type Row = Record<string, SQLOutputValue>;

/** The message as parameters of a statement that names its columns `$topic`, `$id` and so on. */
export function messageToRow(message: StoredMessage): Record<string, SQLInputValue> {
  return {
    topic: message.topic,
    id: message.id,
    offset: message.offset,
    event: message.event,
    data: message.data,
    user_id: message.userId ?? null,
    session_id: message.sessionId ?? null,
    created_at: message.createdAt,
    edited_at: message.editedAt ?? null,
    deleted_at: message.deletedAt ?? null,
  };
}

export function rowToMessage(row: Row): StoredMessage {
  return {
    topic: row["topic"] as string,
    id: row["id"] as string,
    offset: row["offset"] as number,
    event: row["event"] as string,
    data: row["data"] as string,
    userId: (row["user_id"] as string | null) ?? undefined,
    sessionId: (row["session_id"] as string | null) ?? undefined,
    createdAt: row["created_at"] as number,
    editedAt: (row["edited_at"] as number | null) ?? undefined,
    deletedAt: (row["deleted_at"] as number | null) ?? undefined,
  };
}

export function rowToRecord(row: Row): TopicRecord {
  return {
    epoch: row["epoch"] as string,
    offset: row["offset"] as number,
    isComplete: row["is_complete"] === 1,
  };
}

import type { RoomStore } from "./room-store.ts";

/** One persisted message of a topic. */
export interface StoredMessage {
  readonly topic: string;
  readonly id: string;
  /** Position in the topic, which decides between messages of one millisecond. */
  readonly offset: number;
  readonly event: string;
  /** JSON text; `"null"` once the message was deleted. */
  readonly data: string;
  readonly userId: string | undefined;
  readonly sessionId: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  readonly editedAt: number | undefined;
  readonly deletedAt: number | undefined;
}

/** Where a topic stood when it was last written down. */
export interface TopicRecord {
  readonly epoch: string;
  /** Of the last publication that the record knows of. */
  readonly offset: number;
  /**
   * Whether no publication can have followed that the record does not know of. After a
   * crash it may say no, and the topic goes on in a new epoch.
   */
  readonly isComplete: boolean;
}

/** A place in a topic's history: what is older comes behind it. */
export interface HistoryPosition {
  readonly createdAt: number;
  /** Absent: before every message of that millisecond. */
  readonly offset?: number;
}

/**
 * Keeps persisted messages, and where their topics stood.
 *
 * Every implementation keeps these promises (test/contracts/store-contract.ts):
 * - once a write has resolved, every later read sees it, also after a restart where the
 *   implementation outlives one;
 * - writes of one topic take effect in the order of the calls;
 * - a rejected write has changed nothing;
 * - messages of a topic are bounded in number and age: the oldest go first, and nobody finds
 *   one that is too old; a record without messages is kept for as long after it was saved;
 * - a second message of one id is refused (`not-allowed`) while the first is kept;
 * - names and ids are plain values, compared exactly; half of a character in one is refused
 *   (`payload-invalid`);
 * - after `close()` was called everything else is refused (`closed`).
 */
export interface MessageStore {
  /** Saves the message and the topic's record together, or neither. */
  saveMessage(message: StoredMessage, record: TopicRecord): Promise<void>;
  /** Newest first, strictly older than `before`; by time, then by offset. */
  loadMessages(
    topic: string,
    limit: number,
    before?: HistoryPosition,
  ): Promise<readonly StoredMessage[]>;
  findMessage(topic: string, id: string): Promise<StoredMessage | undefined>;
  /** Replaces a message that is there; returns whether it was. */
  replaceMessage(message: StoredMessage): Promise<boolean>;
  loadTopic(topic: string): Promise<TopicRecord | undefined>;
  saveTopic(topic: string, record: TopicRecord): Promise<void>;
}

/** Keeps what must outlive the process: messages and, in `rooms`, durable rooms. */
export interface Store extends MessageStore {
  readonly rooms: RoomStore;
  /**
   * Resolves when everything before it was written; afterwards nothing can be called, of
   * the rooms neither.
   */
  close(): Promise<void>;
}

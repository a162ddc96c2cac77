import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import {
  MAX_STORED_AGE_MS,
  MAX_STORED_MESSAGES,
  MAX_SWEPT_ROWS,
  STORE_SWEEP_INTERVAL_MS,
} from "../../shared/limits.ts";
import { GroupCommit } from "./group-commit.ts";
import { LateRooms } from "./late-rooms.ts";
import { messageToRow, rowToMessage, rowToRecord } from "./sqlite-rows.ts";
import { openDatabase } from "./sqlite-schema.ts";
import { prepareStatements, type SqliteStatements } from "./sqlite-statements.ts";
import { alreadyStored, checkLimit, checkMessage, checkTexts } from "./store-arguments.ts";
import type { StoreOptions } from "./store-options.ts";
import type { HistoryPosition, Store, StoredMessage, TopicRecord } from "./store.ts";

/**
 * A store in one SQLite file (and, while it is open, two more beside it).
 *
 * What has resolved survives the end of the process, also by `kill -9`. A power failure may
 * take the last moments: with write-ahead logging and `synchronous = NORMAL` SQLite waits
 * for the disk at checkpoints only. What is left then is everything up to some commit.
 */
export class SqliteStore implements Store {
  readonly rooms = new LateRooms(() => {
    throw new SyncError("store-unavailable", "durable rooms are kept in memory only so far");
  });
  readonly #clock: Clock;
  readonly #maxMessages: number;
  readonly #maxAgeMs: number;
  readonly #db: DatabaseSync;
  readonly #statements: SqliteStatements;
  readonly #commits: GroupCommit;
  #sweepAt = 0;
  #closing: Promise<void> | undefined;

  /** Opens the file, whose folder must be there. Throws `store-unavailable`. */
  constructor(path: string, { clock, logger, maxMessages, maxAgeMs }: StoreOptions) {
    this.#clock = clock;
    this.#maxMessages = maxMessages ?? MAX_STORED_MESSAGES;
    this.#maxAgeMs = maxAgeMs ?? MAX_STORED_AGE_MS;
    this.#db = openDatabase(path);
    this.#statements = prepareStatements(this.#db);
    this.#commits = new GroupCommit(this.#db, clock, logger);
  }

  async saveMessage(message: StoredMessage, record: TopicRecord): Promise<void> {
    checkMessage(message);
    const saved = { ...message };
    const savedRecord = { ...record };
    const { saveMessage, findMessage, deleteExpired } = this.#statements;
    await this.#write(message.data.length, () => {
      const { topic, id } = saved;
      deleteExpired.run(topic, this.#expiry());
      if (findMessage.get(topic, id, this.#expiry()) !== undefined) throw alreadyStored(saved);
      this.#putTopic(topic, savedRecord);
      saveMessage.run(messageToRow(saved));
      this.#trim(topic);
    });
  }

  async loadMessages(
    topic: string,
    limit: number,
    before: HistoryPosition = { createdAt: Infinity },
  ): Promise<readonly StoredMessage[]> {
    checkTexts(topic);
    checkLimit(limit);
    const { createdAt, offset = -Infinity } = before;
    const { loadMessages } = this.#statements;
    const rows = this.#read(() =>
      loadMessages.all(topic, this.#expiry(), createdAt, offset, limit),
    );
    return rows.map(rowToMessage);
  }

  async findMessage(topic: string, id: string): Promise<StoredMessage | undefined> {
    checkTexts(topic, id);
    const row = this.#read(() => this.#statements.findMessage.get(topic, id, this.#expiry()));
    return row && rowToMessage(row);
  }

  async replaceMessage(message: StoredMessage): Promise<boolean> {
    checkMessage(message);
    const saved = { ...message };
    const { deleteExpired, replaceMessage } = this.#statements;
    return this.#write(message.data.length, () => {
      deleteExpired.run(saved.topic, this.#expiry());
      return replaceMessage.run(messageToRow(saved)).changes === 1;
    });
  }

  async loadTopic(topic: string): Promise<TopicRecord | undefined> {
    checkTexts(topic);
    const row = this.#read(() => this.#statements.findTopic.get(topic));
    return row && rowToRecord(row);
  }

  async saveTopic(topic: string, record: TopicRecord): Promise<void> {
    checkTexts(topic);
    const saved = { ...record };
    await this.#write(0, () => this.#putTopic(topic, saved));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    // Commits come in order: this one is behind all others. Whether it succeeds or not is
    // of no interest; those that fail are told.
    await this.#commits.write(0, () => {}).catch(() => {});
    this.#db.close();
  }

  #write<Result>(byteLength: number, write: () => Result): Promise<Result> {
    this.#checkOpen();
    return this.#commits.write(byteLength, () => {
      this.#sweep();
      return write();
    });
  }

  #read<Result>(read: () => Result): Result {
    this.#checkOpen();
    try {
      return read();
    } catch (cause) {
      throw new SyncError("store-unavailable", "the store cannot be read", { cause });
    }
  }

  #putTopic(topic: string, { epoch, offset, isComplete }: TopicRecord): void {
    const { saveTopic } = this.#statements;
    saveTopic.run(topic, epoch, offset, isComplete ? 1 : 0, this.#clock.now());
  }

  #trim(topic: string): void {
    const { countMessages, deleteOldest } = this.#statements;
    const surplus = Number(countMessages.get(topic)?.["messages"]) - this.#maxMessages;
    if (surplus > 0) deleteOldest.run(topic, surplus);
  }

  /** Deletes some of what is too old, wherever it is, and then topics that nobody uses. */
  #sweep(): void {
    const now = this.#clock.now();
    if (now < this.#sweepAt) return;
    const { sweepMessages, sweepTopics } = this.#statements;
    const messages = sweepMessages.run(this.#expiry(), MAX_SWEPT_ROWS).changes;
    const topics = sweepTopics.run(this.#expiry(), MAX_SWEPT_ROWS).changes;
    // Some may be left: the next write goes on.
    const isDone = messages < MAX_SWEPT_ROWS && topics < MAX_SWEPT_ROWS;
    if (isDone) this.#sweepAt = now + STORE_SWEEP_INTERVAL_MS;
  }

  /** Messages from before this time are gone. */
  #expiry(): number {
    return this.#clock.now() - this.#maxAgeMs;
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new SyncError("closed", "the store is closed");
  }
}

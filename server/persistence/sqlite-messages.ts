import type { Clock } from "../../shared/clock.ts";
import { MAX_STORED_AGE_MS, MAX_STORED_MESSAGES, MAX_SWEPT_ROWS } from "../../shared/limits.ts";
import type { SqliteAccess } from "./sqlite-access.ts";
import { messageToRow, rowToMessage, rowToRecord } from "./sqlite-rows.ts";
import { prepareStatements, type SqliteStatements } from "./sqlite-statements.ts";
import { alreadyStored, checkLimit, checkMessage, checkTexts } from "./store-arguments.ts";
import type { StoreOptions } from "./store-options.ts";
import type { HistoryPosition, MessageStore, StoredMessage, TopicRecord } from "./store.ts";

/** The messages and topics of a SQLite file. */
export class SqliteMessages implements MessageStore {
  readonly #access: SqliteAccess;
  readonly #clock: Clock;
  readonly #maxMessages: number;
  readonly #maxAgeMs: number;
  readonly #statements: SqliteStatements;

  constructor(access: SqliteAccess, { clock, maxMessages, maxAgeMs }: StoreOptions) {
    this.#access = access;
    this.#clock = clock;
    this.#maxMessages = maxMessages ?? MAX_STORED_MESSAGES;
    this.#maxAgeMs = maxAgeMs ?? MAX_STORED_AGE_MS;
    this.#statements = prepareStatements(access.db);
    access.addSweep(() => this.#sweep());
  }

  async saveMessage(message: StoredMessage, record: TopicRecord): Promise<void> {
    checkMessage(message);
    const saved = { ...message };
    const savedRecord = { ...record };
    const { saveMessage, findMessage, deleteExpired } = this.#statements;
    await this.#access.write(message.data.length, () => {
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
    const rows = this.#access.read(() =>
      loadMessages.all(topic, this.#expiry(), createdAt, offset, limit),
    );
    return rows.map(rowToMessage);
  }

  async findMessage(topic: string, id: string): Promise<StoredMessage | undefined> {
    checkTexts(topic, id);
    const { findMessage } = this.#statements;
    const row = this.#access.read(() => findMessage.get(topic, id, this.#expiry()));
    return row && rowToMessage(row);
  }

  async replaceMessage(message: StoredMessage): Promise<boolean> {
    checkMessage(message);
    const saved = { ...message };
    const { deleteExpired, replaceMessage } = this.#statements;
    return this.#access.write(message.data.length, () => {
      deleteExpired.run(saved.topic, this.#expiry());
      return replaceMessage.run(messageToRow(saved)).changes === 1;
    });
  }

  async loadTopic(topic: string): Promise<TopicRecord | undefined> {
    checkTexts(topic);
    const row = this.#access.read(() => this.#statements.findTopic.get(topic));
    return row && rowToRecord(row);
  }

  async saveTopic(topic: string, record: TopicRecord): Promise<void> {
    checkTexts(topic);
    const saved = { ...record };
    await this.#access.write(0, () => this.#putTopic(topic, saved));
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
  #sweep(): boolean {
    const { sweepMessages, sweepTopics } = this.#statements;
    const messages = sweepMessages.run(this.#expiry(), MAX_SWEPT_ROWS).changes;
    const topics = sweepTopics.run(this.#expiry(), MAX_SWEPT_ROWS).changes;
    return messages < MAX_SWEPT_ROWS && topics < MAX_SWEPT_ROWS;
  }

  /** Messages from before this time are gone. */
  #expiry(): number {
    return this.#clock.now() - this.#maxAgeMs;
  }
}

import type { Clock } from "../../shared/clock.ts";
import { MAX_SWEPT_ROWS } from "../../shared/limits.ts";
import { MessageRetention } from "./message-retention.ts";
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
  readonly #retention: MessageRetention;
  readonly #statements: SqliteStatements;

  constructor(access: SqliteAccess, options: StoreOptions) {
    this.#access = access;
    this.#clock = options.clock;
    this.#retention = new MessageRetention(options);
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
      const expiry = this.#retention.expiryOf(topic);
      deleteExpired.run(topic, expiry);
      if (findMessage.get(topic, id, expiry) !== undefined) throw alreadyStored(saved);
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
    const expiry = this.#retention.expiryOf(topic);
    const rows = this.#access.read(() => loadMessages.all(topic, expiry, createdAt, offset, limit));
    return rows.map(rowToMessage);
  }

  async findMessage(topic: string, id: string): Promise<StoredMessage | undefined> {
    checkTexts(topic, id);
    const { findMessage } = this.#statements;
    const expiry = this.#retention.expiryOf(topic);
    const row = this.#access.read(() => findMessage.get(topic, id, expiry));
    return row && rowToMessage(row);
  }

  async replaceMessage(message: StoredMessage): Promise<boolean> {
    checkMessage(message);
    const saved = { ...message };
    const { deleteExpired, replaceMessage } = this.#statements;
    return this.#access.write(message.data.length, () => {
      deleteExpired.run(saved.topic, this.#retention.expiryOf(saved.topic));
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
    const surplus =
      Number(countMessages.get(topic)?.["messages"]) - this.#retention.maxMessages(topic);
    if (surplus > 0) deleteOldest.run(topic, surplus);
  }

  /** Deletes some of what is too old, wherever it is, and then topics that nobody uses. */
  #sweep(): boolean {
    const { sweepMessages, sweepTopics } = this.#statements;
    const { expiry } = this.#retention;
    const messages = sweepMessages.run(expiry, MAX_SWEPT_ROWS).changes;
    const topics = sweepTopics.run(expiry, MAX_SWEPT_ROWS).changes;
    return messages < MAX_SWEPT_ROWS && topics < MAX_SWEPT_ROWS;
  }
}

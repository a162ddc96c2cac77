import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { STORE_SWEEP_INTERVAL_MS } from "../../shared/limits.ts";
import { MemoryMessages } from "./memory-messages.ts";
import { MemoryRooms } from "./memory-rooms.ts";
import { MessageRetention } from "./message-retention.ts";
import { alreadyStored, checkLimit, checkMessage, checkTexts } from "./store-arguments.ts";
import type { StoreOptions } from "./store-options.ts";
import type { HistoryPosition, Store, StoredMessage, TopicRecord } from "./store.ts";

interface MemoryTopic {
  readonly messages: MemoryMessages;
  record: TopicRecord;
  savedAt: number;
}

/**
 * A store in this process's memory: what it holds ends with the process. It keeps every
 * other promise of `Store`, resolves asynchronously as every store does, and lets a test
 * delay or fail a write, of a message here and of a room in `rooms`.
 */
export class MemoryStore implements Store {
  readonly rooms: MemoryRooms;
  readonly #clock: Clock;
  readonly #retention: MessageRetention;
  readonly #topics = new Map<string, MemoryTopic>();
  #gate: () => Promise<void> = () => Promise.resolve();
  /** Ends when every write so far has; never rejects. */
  #written: Promise<void> = Promise.resolve();
  #sweepAt = 0;
  #isClosed = false;

  constructor(options: Omit<StoreOptions, "logger">) {
    this.rooms = new MemoryRooms(options);
    this.#clock = options.clock;
    this.#retention = new MessageRetention(options);
  }

  /** Runs before each write of a message or topic from now on: a test delays a write or rejects to fail it. */
  intercept(gate: () => Promise<void>): void {
    this.#gate = gate;
  }

  async saveMessage(message: StoredMessage, record: TopicRecord): Promise<void> {
    checkMessage(message);
    const saved = Object.freeze({ ...message });
    const savedRecord = Object.freeze({ ...record });
    await this.#write(() => {
      const messages = this.#messagesOf(saved.topic) ?? new MemoryMessages();
      if (messages.find(saved.id) !== undefined) throw alreadyStored(saved);
      messages.add(saved);
      this.#trim(saved.topic, messages);
      this.#putTopic(saved.topic, messages, savedRecord);
    });
  }

  async loadMessages(
    topic: string,
    limit: number,
    before?: HistoryPosition,
  ): Promise<readonly StoredMessage[]> {
    this.#checkOpen();
    checkTexts(topic);
    checkLimit(limit);
    return this.#messagesOf(topic)?.newest(limit, before) ?? [];
  }

  async findMessage(topic: string, id: string): Promise<StoredMessage | undefined> {
    this.#checkOpen();
    checkTexts(topic, id);
    return this.#messagesOf(topic)?.find(id);
  }

  async replaceMessage(message: StoredMessage): Promise<boolean> {
    checkMessage(message);
    const saved = Object.freeze({ ...message });
    return this.#write(() => this.#messagesOf(saved.topic)?.replace(saved) ?? false);
  }

  async loadTopic(topic: string): Promise<TopicRecord | undefined> {
    this.#checkOpen();
    checkTexts(topic);
    return this.#topics.get(topic)?.record;
  }

  async saveTopic(topic: string, record: TopicRecord): Promise<void> {
    checkTexts(topic);
    const saved = Object.freeze({ ...record });
    await this.#write(() => {
      this.#putTopic(topic, this.#messagesOf(topic) ?? new MemoryMessages(), saved);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#written, this.rooms.close()]);
    this.#topics.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Runs a write when all before it have ended and the gate lets it through. */
  #write<Result>(write: () => Result): Promise<Result> {
    this.#checkOpen();
    const written = this.#written
      .then(() => this.#gate())
      .then(() => {
        this.#sweep();
        return write();
      });
    this.#written = written.then(
      () => undefined,
      () => undefined,
    );
    return written;
  }

  #putTopic(topic: string, messages: MemoryMessages, record: TopicRecord): void {
    this.#topics.set(topic, { messages, record, savedAt: this.#clock.now() });
  }

  /** What a topic has that is not too old. */
  #messagesOf(topic: string): MemoryMessages | undefined {
    const messages = this.#topics.get(topic)?.messages;
    if (messages !== undefined) this.#trim(topic, messages);
    return messages;
  }

  /** Forgets what nobody wrote to for as long as messages are kept. */
  #sweep(): void {
    const now = this.#clock.now();
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + STORE_SWEEP_INTERVAL_MS;
    for (const [topic, { messages, savedAt }] of this.#topics) {
      this.#trim(topic, messages);
      if (messages.size === 0 && savedAt < this.#retention.expiry) this.#topics.delete(topic);
    }
  }

  #trim(topic: string, messages: MemoryMessages): void {
    messages.trim(this.#retention.maxMessages(topic), this.#retention.expiryOf(topic));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new SyncError("closed", "the store is closed");
  }
}

import { STORE_CHECKPOINT_BYTES } from "../../shared/limits.ts";
import type { Durability } from "./durability.ts";
import { SqliteAccess } from "./sqlite-access.ts";
import { SqliteMessages } from "./sqlite-messages.ts";
import { SqliteRooms } from "./sqlite-rooms.ts";
import { openDatabase } from "./sqlite-schema.ts";
import type { StoreOptions } from "./store-options.ts";
import { StoreWorker } from "./store-worker.ts";
import type { HistoryPosition, Store, StoredMessage, TopicRecord } from "./store.ts";

export interface SqliteStoreOptions extends StoreOptions {
  /** What a write survives; default `process-crash`. */
  readonly durability?: Durability;
  /**
   * How large the file may grow: what needs more is refused with `store-unavailable`, as on a
   * full disk. Absent: as large as the disk lets it. The log beside it is not counted.
   */
  readonly maxFileBytes?: number;
}

/** A store in one SQLite file and, while it is open, two more beside it. */
export class SqliteStore implements Store {
  readonly durability: Durability;
  readonly rooms: SqliteRooms;
  readonly #access: SqliteAccess;
  readonly #messages: SqliteMessages;
  readonly #worker: StoreWorker;
  #bytesSinceCheckpoint = 0;
  #closing: Promise<void> | undefined;

  /** Opens the file, whose folder must be there. Throws `store-unavailable`. */
  constructor(path: string, options: SqliteStoreOptions) {
    const { durability = "process-crash", maxFileBytes, logger } = options;
    this.durability = durability;
    const db = openDatabase(path, durability, maxFileBytes);
    this.#access = new SqliteAccess(db, options, (byteLength) => this.#countBytes(byteLength));
    const compactRoomUrl = options.compactRoomUrl?.href;
    this.#worker = new StoreWorker({ path, durability, maxFileBytes, compactRoomUrl }, logger);
    this.#messages = new SqliteMessages(this.#access, options);
    this.rooms = new SqliteRooms(this.#access, path, this.#worker, options);
  }

  saveMessage(message: StoredMessage, record: TopicRecord): Promise<void> {
    return this.#messages.saveMessage(message, record);
  }

  loadMessages(
    topic: string,
    limit: number,
    before?: HistoryPosition,
  ): Promise<readonly StoredMessage[]> {
    return this.#messages.loadMessages(topic, limit, before);
  }

  findMessage(topic: string, id: string): Promise<StoredMessage | undefined> {
    return this.#messages.findMessage(topic, id);
  }

  replaceMessage(message: StoredMessage): Promise<boolean> {
    return this.#messages.replaceMessage(message);
  }

  loadTopic(topic: string): Promise<TopicRecord | undefined> {
    return this.#messages.loadTopic(topic);
  }

  saveTopic(topic: string, record: TopicRecord): Promise<void> {
    return this.#messages.saveTopic(topic, record);
  }

  /** A compaction that is under way is rejected (`closed`), and has changed nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#access.refuse();
    await this.#worker.close();
    await this.rooms.settle();
    await this.#access.drain();
    this.#access.db.close();
  }

  /** Off this thread: a checkpoint waits for the disk. */
  #countBytes(byteLength: number): void {
    this.#bytesSinceCheckpoint += byteLength;
    if (this.#bytesSinceCheckpoint < STORE_CHECKPOINT_BYTES || this.#closing !== undefined) return;
    this.#bytesSinceCheckpoint = 0;
    void this.#worker.checkpoint();
  }
}

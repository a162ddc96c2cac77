import { SyncError } from "../../shared/errors.ts";
import { LateRooms } from "./late-rooms.ts";
import { openStore } from "./open-store.ts";
import type { StoreOptions } from "./store-options.ts";
import type { HistoryPosition, Store, StoredMessage, TopicRecord } from "./store.ts";

/**
 * The store of a server that is not open yet: a URL becomes one when the server opens.
 * Everything rejects with `store-unavailable` before `open` has resolved.
 */
export class LateStore implements Store {
  readonly rooms = new LateRooms(() => this.#opened.rooms);
  readonly #storeOrUrl: Store | string;
  readonly #options: StoreOptions;
  #store: Store | undefined;

  constructor(storeOrUrl: Store | string, options: StoreOptions) {
    this.#storeOrUrl = storeOrUrl;
    this.#options = options;
    if (typeof storeOrUrl !== "string") this.#store = storeOrUrl;
  }

  async open(): Promise<void> {
    if (typeof this.#storeOrUrl !== "string") return;
    this.#store = await openStore(this.#storeOrUrl, this.#options);
  }

  async saveMessage(message: StoredMessage, record: TopicRecord): Promise<void> {
    await this.#opened.saveMessage(message, record);
  }

  async loadMessages(
    topic: string,
    limit: number,
    before?: HistoryPosition,
  ): Promise<readonly StoredMessage[]> {
    return this.#opened.loadMessages(topic, limit, before);
  }

  async findMessage(topic: string, id: string): Promise<StoredMessage | undefined> {
    return this.#opened.findMessage(topic, id);
  }

  async replaceMessage(message: StoredMessage): Promise<boolean> {
    return this.#opened.replaceMessage(message);
  }

  async loadTopic(topic: string): Promise<TopicRecord | undefined> {
    return this.#opened.loadTopic(topic);
  }

  async saveTopic(topic: string, record: TopicRecord): Promise<void> {
    await this.#opened.saveTopic(topic, record);
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  get #opened(): Store {
    if (this.#store !== undefined) return this.#store;
    throw new SyncError("store-unavailable", "the server is not open yet");
  }
}

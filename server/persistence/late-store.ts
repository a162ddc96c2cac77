import { SyncError } from "../../shared/errors.ts";
import { openStore } from "./open-store.ts";
import type { StoreOptions } from "./store-options.ts";
import type { Store } from "./store.ts";

/** The store of a server that is not open yet: a URL becomes one when the server opens. */
export class LateStore {
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

  /** Throws `store-unavailable` before `open` has resolved. */
  get opened(): Store {
    if (this.#store !== undefined) return this.#store;
    throw new SyncError("store-unavailable", "the server is not open yet");
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }
}

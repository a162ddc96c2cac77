/** Where a guest's token outlives the page; `localStorage` is one. Any member may throw. */
export interface TokenStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * The token that says who we are: the application's own, or that of a guest, which the
 * server issued and the storage keeps for the next visit and for other pages. A storage that
 * fails (private windows, blocked cookies) costs only that memory.
 */
export class GuestToken {
  readonly #storage: TokenStorage | undefined;
  readonly #key: string;
  #token: string | undefined;
  /** From an earlier visit and not accepted since: it may have expired meanwhile. */
  #isUntried = false;
  /** Not to be taken from the storage again, should the storage not let go of it. */
  #refused: string | undefined;

  constructor(given: string | undefined, storage: TokenStorage | undefined, key: string) {
    this.#storage = storage;
    this.#key = key;
    this.#token = given;
    if (given === undefined) this.#takeStored();
  }

  get value(): string | undefined {
    if (this.#token === undefined) this.#takeStored();
    return this.#token;
  }

  /** Replaces whatever there was. The application's tokens are never stored. */
  use(token: string): void {
    this.#token = token;
    this.#isUntried = false;
  }

  /**
   * The server issued this one to us, a new guest. False when another page of this browser
   * was faster: then we are the guest that it is.
   */
  keep(token: string): boolean {
    if (this.#takeStored()) return false;
    this.use(token);
    try {
      this.#storage?.setItem(this.#key, token);
    } catch {
      // A full or forbidden storage: we stay this guest until the page closes.
    }
    return true;
  }

  accepted(): void {
    this.#isUntried = false;
  }

  /** Drops a refused token of an earlier visit; false when there is none to drop. */
  forget(): boolean {
    if (!this.#isUntried) return false;
    this.#isUntried = false;
    this.#refused = this.#token;
    this.#token = undefined;
    try {
      this.#storage?.removeItem(this.#key);
    } catch {
      // The next guest's token overwrites it.
    }
    return true;
  }

  #takeStored(): boolean {
    const stored = this.#load();
    if (stored === undefined || stored === this.#refused) return false;
    this.#token = stored;
    this.#isUntried = true;
    return true;
  }

  #load(): string | undefined {
    try {
      return this.#storage?.getItem(this.#key) ?? undefined;
    } catch {
      return undefined;
    }
  }
}

/** The browser's storage, where there is one that may be looked at. */
export function defaultTokenStorage(): TokenStorage | undefined {
  try {
    return globalThis.localStorage ?? undefined;
  } catch {
    return undefined;
  }
}

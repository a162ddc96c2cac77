import type { TokenStorage } from "../../client/connection/guest-token.ts";

/** A page's storage in memory, which can fail as a browser's does. */
export class FakeStorage implements TokenStorage {
  /** Every access throws, as where cookies are blocked. */
  isClosed = false;
  /** Every change throws, as where no room is left. */
  isReadOnly = false;
  readonly #items: Map<string, string>;

  /** `duplicated` is copied, as a tab's storage is when somebody duplicates the tab. */
  constructor(duplicated?: FakeStorage) {
    this.#items = new Map(duplicated === undefined ? [] : duplicated.#items);
  }

  get size(): number {
    return this.#items.size;
  }

  /** All that is kept, as text. */
  get text(): string {
    return [...this.#items].flat().join("\n");
  }

  getItem(key: string): string | null {
    this.#check(this.isClosed);
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#check(this.isClosed || this.isReadOnly);
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#check(this.isClosed || this.isReadOnly);
    this.#items.delete(key);
  }

  #check(fails: boolean): void {
    if (fails) throw new DOMException("The operation is insecure.", "SecurityError");
  }
}

import { MAX_COUNTED_KEYS } from "../../shared/limits.ts";

/** Items after which those that are full are thrown away. */
const SWEEP_SIZE = 1_024;

/** Something that counts against a limit; one that is full is as good as a new one. */
export interface Fillable {
  isFull(now: number): boolean;
}

/**
 * One item for each of many keys, such as users, for as long as it matters. There are never
 * more than `maxKeys`: who has many addresses cannot fill the memory, and the oldest goes.
 */
export class PerKey<Item extends Fillable> {
  readonly #items = new Map<string, Item>();
  readonly #maxKeys: number;
  #sweepAt: number;

  constructor(maxKeys = MAX_COUNTED_KEYS) {
    this.#maxKeys = maxKeys;
    this.#sweepAt = Math.min(SWEEP_SIZE, maxKeys);
  }

  get size(): number {
    return this.#items.size;
  }

  /** Nobody may hold on to it: what is full may be another one the next time. */
  of(key: string, now: number, make: () => Item): Item {
    let item = this.#items.get(key);
    if (item !== undefined) return item;
    if (this.#items.size >= this.#sweepAt) this.#sweep(now);
    item = make();
    this.#items.set(key, item);
    return item;
  }

  #sweep(now: number): void {
    for (const [key, item] of this.#items) if (item.isFull(now)) this.#items.delete(key);
    for (const key of this.#items.keys()) {
      if (this.#items.size < this.#maxKeys) break;
      this.#items.delete(key);
    }
    this.#sweepAt = Math.min(Math.max(SWEEP_SIZE, this.#items.size * 2), this.#maxKeys);
  }
}

/** Items after which those that are full are thrown away. */
const SWEEP_SIZE = 1_024;

/** Something that counts against a limit; one that is full is as good as a new one. */
export interface Fillable {
  isFull(now: number): boolean;
}

/** One item for each of many keys, such as users, for as long as it matters. */
export class PerKey<Item extends Fillable> {
  readonly #items = new Map<string, Item>();
  #sweepAt = SWEEP_SIZE;

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
    this.#sweepAt = Math.max(SWEEP_SIZE, this.#items.size * 2);
  }
}

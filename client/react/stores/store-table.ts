/**
 * Stores by key, each for as long as somebody holds it: a component that shows it, the
 * subscription that feeds it. A render that is thrown away leaves nothing behind.
 */
export class StoreTable<Store extends object> {
  readonly #stores = new Map<string, WeakRef<Store>>();

  get(key: string, make: () => Store): Store {
    const known = this.#stores.get(key)?.deref();
    if (known !== undefined) return known;
    for (const [other, reference] of this.#stores) {
      if (reference.deref() === undefined) this.#stores.delete(other);
    }
    const store = make();
    this.#stores.set(key, new WeakRef(store));
    return store;
  }
}

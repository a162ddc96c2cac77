import { Emitter, type ErrorListener, type Unsubscribe } from "../shared/emitter.ts";

interface Named<Args extends readonly unknown[]> {
  readonly emitter: Emitter<Args>;
  readonly owners: Map<object, Unsubscribe>;
}

/** Listeners by the name of what they hear: the same owner twice under one name is one. */
export class NamedListeners<Args extends readonly unknown[]> {
  readonly #onError: ErrorListener | undefined;
  readonly #names = new Map<string, Named<Args>>();

  /** `onError` hears what listeners throw; without it that is an uncaught error. */
  constructor(onError?: ErrorListener) {
    this.#onError = onError;
  }

  add(name: string, owner: object, listener: (...args: Args) => void): void {
    const named = this.#names.get(name) ?? {
      emitter: new Emitter<Args>(this.#onError),
      owners: new Map<object, Unsubscribe>(),
    };
    this.#names.set(name, named);
    if (!named.owners.has(owner)) named.owners.set(owner, named.emitter.on(listener));
  }

  remove(name: string, owner: object): void {
    const owners = this.#names.get(name)?.owners;
    owners?.get(owner)?.();
    owners?.delete(owner);
  }

  has(name: string): boolean {
    return (this.#names.get(name)?.owners.size ?? 0) > 0;
  }

  emit(name: string, ...args: Args): void {
    this.#names.get(name)?.emitter.emit(...args);
  }

  clear(): void {
    for (const { emitter } of this.#names.values()) emitter.clear();
    this.#names.clear();
  }
}

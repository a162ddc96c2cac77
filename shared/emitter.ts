/** Ends one registration; calling it again is a no-op. */
export type Unsubscribe = () => void;

/** What to do with an error that a listener throws: listeners never see each other's. */
export type ErrorListener = (error: unknown) => void;

/**
 * A typed list of listeners for one event, used on both sides.
 *
 * Listeners run in the order they were added. One that throws does not stop the others:
 * its error goes to the handler. A listener removed while the event runs is not called
 * again; one added meanwhile hears the next event.
 */
export class Emitter<Args extends readonly unknown[]> {
  #listeners: ReadonlySet<(...args: Args) => void> = new Set();
  readonly #onError: ErrorListener;

  constructor(onError: ErrorListener = reportListenerError) {
    this.#onError = onError;
  }

  get size(): number {
    return this.#listeners.size;
  }

  on(listener: (...args: Args) => void): Unsubscribe {
    // A wrapper, so that the same function added twice is two registrations.
    const registered = (...args: Args): void => listener(...args);
    this.#listeners = new Set([...this.#listeners, registered]);
    return () => {
      if (!this.#listeners.has(registered)) return;
      this.#listeners = new Set([...this.#listeners].filter((each) => each !== registered));
    };
  }

  emit(...args: Args): void {
    for (const listener of this.#listeners) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(...args);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  clear(): void {
    this.#listeners = new Set();
  }
}

/** Surfaces the error as an uncaught one, without unwinding the code that emitted. */
export function reportListenerError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

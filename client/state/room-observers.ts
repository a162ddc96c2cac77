import type { Schema, StateCallbackStrategy } from "@colyseus/schema";
import { reportListenerError, type Unsubscribe } from "../../shared/emitter.ts";
import type { StateDecoder } from "./state-decoder.ts";
import { WatchedCallbacks } from "./watched-callbacks.ts";

/** Sets up what follows a state, and returns how to take it down. */
export type StateObserver = (
  state: Schema,
  callbacks: StateCallbackStrategy<Schema>,
) => void | (() => void);

/**
 * Runs each observer once per state object: when it is added, and again when a rejoin
 * brought a new one, after the cleanup of the run before.
 */
export class RoomObservers {
  /** Each observer with the cleanup of its latest run. */
  readonly #cleanups = new Map<symbol, () => void>();
  readonly #observers = new Map<symbol, StateObserver>();
  #decoder: StateDecoder | undefined;
  #watched: WatchedCallbacks | undefined;

  add(observer: StateObserver): Unsubscribe {
    const key = Symbol("observer");
    this.#observers.set(key, observer);
    this.#run(key, observer);
    return () => {
      this.#observers.delete(key);
      this.#cleanUp(key);
    };
  }

  /** The state object that holds from now on. */
  follow(decoder: StateDecoder): void {
    if (decoder === this.#decoder) return;
    for (const key of this.#observers.keys()) this.#cleanUp(key);
    this.#decoder = decoder;
    this.#watched = undefined;
    for (const [key, observer] of this.#observers) this.#run(key, observer);
  }

  /** The room has ended: every cleanup runs. */
  clear(): void {
    this.#observers.clear();
    for (const key of this.#cleanups.keys()) this.#cleanUp(key);
    this.#decoder = undefined;
  }

  #run(key: symbol, observer: StateObserver): void {
    if (this.#decoder === undefined) return;
    // Made for the first observer: a decoder that nobody watches allocates nothing per change.
    this.#watched ??= new WatchedCallbacks(this.#decoder.decoder);
    const { callbacks, release } = this.#watched.lend();
    this.#cleanups.set(key, release);
    const { state } = this.#decoder;
    guarded(() => {
      const cleanUp = observer(state, callbacks);
      if (cleanUp === undefined) return;
      this.#cleanups.set(key, () => {
        release();
        cleanUp();
      });
    });
  }

  #cleanUp(key: symbol): void {
    const cleanUp = this.#cleanups.get(key);
    this.#cleanups.delete(key);
    if (cleanUp !== undefined) guarded(cleanUp);
  }
}

/** Observers never see each other's errors, nor does the frame that caused them. */
function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    reportListenerError(error);
  }
}

import { Callbacks, type Decoder, type Schema, type StateCallbackStrategy } from "@colyseus/schema";
import { reportListenerError } from "../../shared/emitter.ts";

type Callback = (...args: unknown[]) => void;

/**
 * The schema callbacks of one decoder, handed to each observer in a form that can be taken
 * back: `release()` removes everything that was registered through it, nested ones too.
 *
 * All observers share one strategy. It knows whether changes are being told right now, and
 * with a second one a callback added meanwhile would run twice for the same change.
 */
export class WatchedCallbacks {
  readonly #decoder: Decoder<Schema>;
  readonly #shared: StateCallbackStrategy<Schema>;

  constructor(decoder: Decoder<Schema>) {
    this.#decoder = decoder;
    this.#shared = Callbacks.get(decoder);
  }

  /** An observer's own view of the callbacks, and how to end it. */
  lend(): { callbacks: StateCallbackStrategy<Schema>; release: () => void } {
    const { root } = this.#decoder;
    const mine = new WeakSet<Callback>();
    let isReleased = false;
    const addCallback = (refId: number, field: string | number, callback: Callback): unknown => {
      // Checked at each call, because changes may be under way when it is released.
      const guarded: Callback = (...args) => {
        if (!isReleased) callSafely(callback, args);
      };
      mine.add(guarded);
      return root.addCallback(refId, field, guarded);
    };
    // The strategy registers everything through this one method, whichever way it is called.
    const callbacks = Object.create(this.#shared, { addCallback: { value: addCallback } });
    const release = (): void => {
      isReleased = true;
      for (const fields of Object.values(root.callbacks)) {
        for (const [field, list] of Object.entries(fields)) {
          fields[field] = list.filter((each) => !mine.has(each as Callback));
        }
      }
    };
    return { callbacks: callbacks as StateCallbackStrategy<Schema>, release };
  }
}

/** A callback that throws surfaces as an uncaught error instead of a line on the console. */
function callSafely(callback: Callback, args: unknown[]): void {
  try {
    callback(...args);
  } catch (error) {
    reportListenerError(error);
  }
}

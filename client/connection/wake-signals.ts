import type { Unsubscribe } from "../../shared/emitter.ts";

/** Hints of the platform that a connection may be possible again, or that one may be gone. */
export interface WakeSignals {
  /** Calls `wake` at each hint, until unsubscribed. */
  onWake(wake: () => void): Unsubscribe;
}

/** The members of a browser's global scope that tell; Node has none of them. */
interface WakeScope {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
  document?: {
    readonly visibilityState: string;
    addEventListener(type: string, listener: () => void): void;
    removeEventListener(type: string, listener: () => void): void;
  };
}

/** The network came back, or somebody looks at the page again. Never fires outside a browser. */
export class BrowserWakeSignals implements WakeSignals {
  readonly #scope: WakeScope;

  constructor(scope: WakeScope = globalThis) {
    this.#scope = scope;
  }

  onWake(wake: () => void): Unsubscribe {
    const { document } = this.#scope;
    const wakeIfVisible = (): void => {
      if (document?.visibilityState === "visible") wake();
    };
    this.#scope.addEventListener?.("online", wake);
    document?.addEventListener("visibilitychange", wakeIfVisible);
    return () => {
      this.#scope.removeEventListener?.("online", wake);
      document?.removeEventListener("visibilitychange", wakeIfVisible);
    };
  }
}

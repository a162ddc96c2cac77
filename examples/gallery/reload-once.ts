const KEY = "atrium-reloaded-at";
/** A mismatch so soon after a reload is not mended by another one. */
const TOO_SOON_MS = 60_000;

/** Where it remembers, and what it does. */
export interface ReloadParts {
  /** Of the tab: it outlives the reload. Any member may throw. */
  storage: () => Pick<Storage, "getItem" | "setItem">;
  now: () => number;
  reload: () => void;
}

/** Puts the server's newer page in the place of this one, but never one after the other. */
export class ReloadOnce {
  readonly #parts: ReloadParts;
  #isUnderWay = false;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Whether this page came by a reload of a moment ago. */
  get wasJustNow(): boolean {
    try {
      const { storage, now } = this.#parts;
      const at = storage().getItem(KEY);
      return at !== null && Math.abs(now() - Number(at)) < TOO_SOON_MS;
    } catch {
      return false;
    }
  }

  /** False: a reload has not helped, or could not be remembered, and so there is none. */
  start(delayMs: number): boolean {
    if (this.#isUnderWay) return true;
    if (this.wasJustNow || !this.#remember()) return false;
    this.#isUnderWay = true;
    setTimeout(() => this.#parts.reload(), delayMs);
    return true;
  }

  #remember(): boolean {
    try {
      const { storage, now } = this.#parts;
      storage().setItem(KEY, String(now()));
      return true;
    } catch {
      return false;
    }
  }
}

import type { CancelTimer, Clock } from "../../../shared/clock.ts";
import { Emitter, type Unsubscribe } from "../../../shared/emitter.ts";
import { RENDER_INTERVAL_MS, UNMOUNT_GRACE_MS } from "../../../shared/limits.ts";

export interface LiveStoreParts<Snapshot> {
  readonly clock: Clock;
  /** How things stand now; asked for at most once after each `change()`. */
  readonly read: () => Snapshot;
  /** The first component is there. */
  readonly open: () => void;
  /** The last one is gone, and has been for a moment. */
  readonly close: () => void;
}

/**
 * What `useSyncExternalStore` asks of a store. It is open from the first subscriber until
 * the last one has been gone for `UNMOUNT_GRACE_MS`: who is mounted anew within that moment,
 * by StrictMode or by a change of page, finds everything as it was.
 *
 * Subscribers hear of a change at once, and of those that follow within a frame together:
 * a burst of messages is one render or two, not one each.
 */
export class LiveStore<Snapshot> {
  readonly #parts: LiveStoreParts<Snapshot>;
  readonly #changed = new Emitter<[]>();
  readonly #initial: Snapshot;
  #snapshot: Snapshot;
  #isStale = false;
  #isOpen = false;
  #subscribers = 0;
  #toldAt = -Infinity;
  #cancelTell: CancelTimer | undefined;
  #cancelClose: CancelTimer = () => undefined;

  constructor(parts: LiveStoreParts<Snapshot>) {
    this.#parts = parts;
    this.#initial = parts.read();
    this.#snapshot = this.#initial;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  readonly subscribe = (listener: () => void): Unsubscribe => {
    const unsubscribe = this.#changed.on(listener);
    this.#subscribers += 1;
    this.#cancelClose();
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#parts.open();
    }
    let isSubscribed = true;
    return () => {
      unsubscribe();
      if (isSubscribed) this.#release();
      isSubscribed = false;
    };
  };

  /** The same object until something changed. */
  readonly getSnapshot = (): Snapshot => {
    if (this.#isStale) {
      this.#isStale = false;
      this.#snapshot = this.#parts.read();
    }
    return this.#snapshot;
  };

  /** How things stand before anything was opened: what a server renders. */
  readonly getInitialSnapshot = (): Snapshot => this.#initial;

  /** Ends the moment that it waits for, if nobody is there. */
  closeUnused(): void {
    if (this.#subscribers > 0 || !this.#isOpen) return;
    this.#cancelClose();
    this.#close();
  }

  change(): void {
    this.#isStale = true;
    if (this.#cancelTell !== undefined) return;
    const { clock } = this.#parts;
    const waitMs = this.#toldAt + RENDER_INTERVAL_MS - clock.now();
    // A clock that was set back must not keep anything from being shown.
    if (waitMs <= 0 || waitMs > RENDER_INTERVAL_MS) this.#tell();
    else this.#cancelTell = clock.schedule(waitMs, () => this.#tell());
  }

  #tell(): void {
    this.#cancelTell = undefined;
    this.#toldAt = this.#parts.clock.now();
    this.#changed.emit();
  }

  #release(): void {
    this.#subscribers -= 1;
    if (this.#subscribers > 0) return;
    this.#cancelClose = this.#parts.clock.schedule(UNMOUNT_GRACE_MS, () => this.#close());
  }

  #close(): void {
    this.#isOpen = false;
    this.#parts.close();
  }
}

import { Emitter, type Unsubscribe } from "../../shared/emitter.ts";
import type { ConnectionStatus } from "./connection-status.ts";

type StatusListener = (status: ConnectionStatus) => void;

/** The present status and who wants to hear of it. Setting the same one again is silent. */
export class StatusBoard {
  #status: ConnectionStatus = "idle";
  readonly #changed = new Emitter<[status: ConnectionStatus]>();

  get status(): ConnectionStatus {
    return this.#status;
  }

  set(status: ConnectionStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#changed.emit(status);
  }

  /**
   * Tells the listener of every change, and first of the status as it is: in a microtask, so
   * that it never runs inside this call. A change that comes earlier takes its place.
   */
  onChange(listener: StatusListener): Unsubscribe {
    let mustTell = true;
    const unsubscribe = this.#changed.on((status) => {
      mustTell = false;
      listener(status);
    });
    queueMicrotask(() => {
      if (mustTell) listener(this.#status);
    });
    return () => {
      mustTell = false;
      unsubscribe();
    };
  }
}

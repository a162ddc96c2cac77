import { WebSocket } from "ws";
import type { ConnectOptions } from "../../client/connect.ts";
import { Emitter } from "../../shared/emitter.ts";

/** Somebody with a client in this process, on a network that the test breaks. */
export class NetworkUser {
  /** How often it was tried to get in, or back. */
  attempts = 0;
  isOffline = false;
  readonly #sockets: WebSocket[] = [];
  readonly #wakes = new Emitter<[]>();

  /** What `connect` is told, so that it uses this network. */
  readonly network: ConnectOptions = {
    wakeSignals: { onWake: (wake) => this.#wakes.on(wake) },
    fetch: (input, init) => {
      this.attempts += 1;
      if (this.isOffline) return Promise.reject(new TypeError("fetch failed"));
      return fetch(input, init);
    },
    webSocket: (url, protocols) => {
      const socket = new WebSocket(url, protocols);
      this.#sockets.push(socket);
      return socket;
    },
  };

  /** Every socket that was opened so far. */
  get sockets(): readonly WebSocket[] {
    return this.#sockets;
  }

  /** The connection is gone without a word. */
  cut(): void {
    this.#sockets.at(-1)?.terminate();
  }

  /** The same, and none can be made until `goOnline`. */
  goOffline(): void {
    this.isOffline = true;
    this.cut();
  }

  /** Says so, as a browser does: nobody has to wait for the next attempt. */
  goOnline(): void {
    this.isOffline = false;
    this.wake();
  }

  /** As a browser does that wakes up: whoever waits tries again at once. */
  wake(): void {
    this.#wakes.emit();
  }
}

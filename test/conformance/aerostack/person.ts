import { WebSocket } from "ws";
import {
  type AerostackRealtime,
  type ConnectOptions,
  createAerostack,
} from "../../../client/aerostack/index.ts";
import { connect } from "../../../client/connect.ts";
import { Emitter } from "../../../shared/emitter.ts";

/** A program with Aerostack's `realtime`, on a network that the test breaks. */
export class Person implements Disposable {
  readonly realtime: AerostackRealtime;
  /** How often it was tried to get in, or back. */
  attempts = 0;
  isOffline = false;
  readonly #sockets: WebSocket[] = [];
  readonly #wakes = new Emitter<[]>();

  constructor({ server }: { server: { port: number } }, options: ConnectOptions = {}) {
    const client = connect(`ws://127.0.0.1:${server.port}`, {
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
      ...options,
    });
    this.realtime = createAerostack(client).realtime;
  }

  get connections(): number {
    return this.#sockets.length;
  }

  /** The connection is gone without a word, and none can be made until `goOnline`. */
  goOffline(): void {
    this.isOffline = true;
    this.#sockets.at(-1)?.terminate();
  }

  /** Says so, as a browser does: nobody has to wait for the next attempt. */
  goOnline(): void {
    this.isOffline = false;
    this.#wakes.emit();
  }

  [Symbol.dispose](): void {
    this.realtime.disconnect();
  }
}

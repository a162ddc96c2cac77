import { WebSocket } from "ws";
import { connect, type ConnectOptions } from "../../client/connect.ts";
import type { RealtimeClient } from "../../client/realtime-client.ts";
import { Emitter } from "../../shared/emitter.ts";
import type { ServerType } from "../../shared/room-types.ts";

/** A client whose connections a test cuts without a word; it is gone at the end of its block. */
export class CuttableClient<Server extends ServerType> implements Disposable {
  readonly realtime: RealtimeClient<Server>;
  readonly #sockets: WebSocket[] = [];
  readonly #wakes = new Emitter<[]>();

  constructor(url: string, options: ConnectOptions = {}) {
    this.realtime = connect<Server>(url, {
      wakeSignals: { onWake: (wake) => this.#wakes.on(wake) },
      webSocket: (address, protocols) => {
        const socket = new WebSocket(address, protocols);
        this.#sockets.push(socket);
        return socket;
      },
      ...options,
    });
  }

  /** The latest connection, or the one that was opened as number `at`, from 0 on. */
  cut(at = -1): void {
    this.#sockets.at(at)?.terminate();
  }

  /** Tries at once what it waits for. */
  wake(): void {
    this.#wakes.emit();
  }

  [Symbol.dispose](): void {
    this.realtime.disconnect();
  }
}

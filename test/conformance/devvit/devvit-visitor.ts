import { WebSocket } from "ws";
import { connect } from "../../../client/connect.ts";
import type { ConnectRealtimeOptions } from "../../../client/devvit/connections.ts";
import {
  createDevvit,
  type DevvitClient,
  type DevvitClientOptions,
} from "../../../client/devvit/create-devvit.ts";
import type { RealtimeClient } from "../../../client/realtime-client.ts";
import { Emitter } from "../../../shared/emitter.ts";
import type { ServerType } from "../../../shared/room-types.ts";

/** Somebody with Devvit's names, whose connection the test can cut; it comes back at once. */
export class DevvitVisitor {
  readonly realtime: RealtimeClient<ServerType>;
  readonly devvit: DevvitClient;
  attemptsInVain = 0;
  readonly #sockets: WebSocket[] = [];
  readonly #wakes = new Emitter<[]>();
  #isAway = false;

  constructor(server: { readonly wsUrl: string }, options?: DevvitClientOptions) {
    this.realtime = connect(server.wsUrl, {
      wakeSignals: { onWake: (wake) => this.#wakes.on(wake) },
      fetch: async (input, init) => {
        if (!this.#isAway) return await fetch(input, init);
        this.attemptsInVain += 1;
        throw new TypeError("no network");
      },
      webSocket: (url, protocols) => {
        const socket = new WebSocket(url, protocols);
        this.#sockets.push(socket);
        return socket;
      },
    });
    this.realtime.onStatusChange((status) => {
      // Behind the drop: only then is there a wait to be cut short.
      if (status === "reconnecting") queueMicrotask(() => this.#wakes.emit());
    });
    this.devvit = createDevvit(this.realtime, options);
  }

  /** The connection breaks without a word. */
  cut(): void {
    this.#sockets.at(-1)?.terminate();
  }

  /** The same, and it does not come back before `comeBack`. */
  goAway(): void {
    this.#isAway = true;
    this.cut();
  }

  comeBack(): void {
    this.#isAway = false;
    this.#wakes.emit();
  }

  /** Connects, and keeps what the callbacks were called with. */
  async listen(channel: string): Promise<Listener> {
    const { options, heard } = recordCalls(channel);
    const connection = await this.devvit.connectRealtime(options);
    return { heard, disconnect: () => connection.disconnect() };
  }

  [Symbol.dispose](): void {
    this.realtime.disconnect();
  }
}

export interface Listener {
  readonly heard: Calls;
  readonly disconnect: () => Promise<void>;
}

/** `[callback, ...arguments]` in the order of the calls. */
export type Calls = [name: string, ...args: unknown[]][];

export function recordCalls(channel: string): {
  options: ConnectRealtimeOptions;
  heard: Calls;
} {
  const heard: Calls = [];
  const options: ConnectRealtimeOptions = {
    channel,
    onConnect: (...args) => heard.push(["onConnect", ...args]),
    onDisconnect: (...args) => heard.push(["onDisconnect", ...args]),
    onMessage: (...args) => heard.push(["onMessage", ...args]),
    onResync: (...args) => heard.push(["onResync", ...args]),
  };
  return { options, heard };
}

/** The messages among them. */
export function messagesOf(heard: Calls): unknown[] {
  return heard.filter(([name]) => name === "onMessage").map(([, message]) => message);
}

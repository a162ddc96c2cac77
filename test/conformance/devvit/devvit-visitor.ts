import { connect } from "../../../client/connect.ts";
import type { ConnectRealtimeOptions } from "../../../client/devvit/connections.ts";
import {
  createDevvit,
  type DevvitClient,
  type DevvitClientOptions,
} from "../../../client/devvit/create-devvit.ts";
import type { RealtimeClient } from "../../../client/realtime-client.ts";
import type { ServerType } from "../../../shared/room-types.ts";
import { NetworkUser } from "../../support/network-user.ts";

/** Somebody with Devvit's names, whose connection the test can cut; it comes back at once. */
export class DevvitVisitor extends NetworkUser {
  readonly realtime: RealtimeClient<ServerType>;
  readonly devvit: DevvitClient;

  constructor(server: { readonly wsUrl: string }, options?: DevvitClientOptions) {
    super();
    this.realtime = connect(server.wsUrl, this.network);
    this.realtime.onStatusChange((status) => {
      // Behind the drop: only then is there a wait to be cut short.
      if (status === "reconnecting") queueMicrotask(() => this.wake());
    });
    this.devvit = createDevvit(this.realtime, options);
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

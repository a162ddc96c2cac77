import { ClientState } from "@colyseus/core";
import type { WebSocket } from "ws";
import type { Identity } from "../../shared/protocol/hello.ts";
import { RoomClient, type FrameGate } from "../../server/transport/websocket-client.ts";

export interface RecordedClientOptions {
  sessionId?: string;
  user?: Identity;
  gate?: FrameGate;
}

/** A real `RoomClient` on a socket that only notes what it was told to do. */
export class RecordedClient extends RoomClient {
  /** What was put on the socket, in order. */
  readonly sent: Uint8Array[];
  /** Each close of the socket, as `[code, reason]`. */
  readonly closes: [code: number | undefined, reason: string | undefined][];

  constructor({ sessionId = "session", user = ADA, gate }: RecordedClientOptions = {}) {
    const sent: Uint8Array[] = [];
    const closes: [number | undefined, string | undefined][] = [];
    const socket = {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send(frame: Uint8Array): void {
        sent.push(frame);
      },
      close(code?: number, reason?: string): void {
        closes.push([code, reason]);
      },
    };
    super(sessionId, socket as unknown as WebSocket, user, gate);
    this.state = ClientState.JOINED;
    this.sent = sent;
    this.closes = closes;
  }
}

export const ADA: Identity = { id: "user-ada", name: "Ada" };
export const BOB: Identity = { id: "user-bob", name: "Bob" };

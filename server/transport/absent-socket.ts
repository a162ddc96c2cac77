import { EventEmitter } from "node:events";
import type { WebSocket } from "ws";

/** A socket that was closed before this process began: it takes everything and sends nothing. */
export function absentSocket(): WebSocket {
  const CLOSED = 3;
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: CLOSED,
    bufferedAmount: 0,
    send() {},
    close() {},
    terminate() {},
    ping() {},
  });
  return socket as unknown as WebSocket;
}

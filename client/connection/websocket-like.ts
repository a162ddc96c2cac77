/**
 * The few members of a WebSocket that a connection uses. The browser's and Node's have
 * them all; a test can be one itself.
 */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { code: number; reason: string }) => void,
  ): void;
  /** Heard only because some libraries throw what nobody hears; `close` follows and says more. */
  addEventListener(type: "error", listener: (event: unknown) => void): void;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** Begins to open a WebSocket; throws only where the platform's constructor does. */
export type WebSocketFactory = (url: string, protocols: string[]) => WebSocketLike;

/** `readyState` of a WebSocket that can be written to. */
export const WEB_SOCKET_OPEN = 1;

/** The platform's WebSocket, looked up when it is needed: importing must not need one. */
export function openWebSocket(url: string, protocols: string[]): WebSocketLike {
  return new WebSocket(url, protocols);
}

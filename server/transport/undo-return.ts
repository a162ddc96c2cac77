import type { Client, ClientPrivate } from "@colyseus/core";

/**
 * For a client that came back with `token` and was lost again before it said so: its seat is held
 * once more, as that of any client that drops, and for the same token, because it may never have
 * heard of the next. Colyseus would give the seat up. Nothing happens to who has said so.
 */
export function undoReturn(client: Client & Partial<ClientPrivate>, token: string): void {
  // Until then Colyseus keeps what is sent to it.
  if (client._enqueuedMessages === undefined) return;
  delete client._enqueuedMessages;
  client.reconnectionToken = token;
}

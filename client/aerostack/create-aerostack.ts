import { connect, type ConnectOptions } from "../connect.ts";
import { pageClient } from "../page-client.ts";
import { AerostackRealtime, type AerostackClient } from "./aerostack-realtime.ts";

/** What `useAerostack()` returns. */
export interface Aerostack {
  readonly realtime: AerostackRealtime;
}

/**
 * Aerostack's `realtime` without React, or for `<AerostackProvider realtime={realtime}>`: over
 * a client of your own, or one of the server at that address; without either the page's own.
 * Connects when it is first used.
 */
export function createAerostack(
  server: string | AerostackClient = pageClient(),
  options?: ConnectOptions,
): Aerostack {
  const client = typeof server === "string" ? connect(server, options) : server;
  return { realtime: new AerostackRealtime(client) };
}

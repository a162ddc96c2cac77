import { SyncError } from "../shared/errors.ts";
import type { ServerType } from "../shared/room-types.ts";
import { connect } from "./connect.ts";
import type { RealtimeClient } from "./realtime-client.ts";

/**
 * The façades' names are imported before anything is connected, so this is the client wing's
 * one place that has state of its own.
 */
let latest: { readonly origin: string; readonly client: RealtimeClient<ServerType> } | undefined;

/**
 * The page's one client, of the server that the page came from; made when it is first asked
 * for, the same ever after. Throws `closed` where there is no page.
 */
export function pageClient(): RealtimeClient<ServerType> {
  const { location } = globalThis as { location?: { readonly origin: string } };
  if (location === undefined) {
    throw new SyncError("closed", "there is no page here whose server could be meant: name one");
  }
  const { origin } = location;
  if (latest?.origin !== origin) latest = { origin, client: connect(origin) };
  return latest.client;
}

import { SyncError } from "../shared/errors.ts";
import type { RealtimeServer } from "./realtime-server.ts";

/**
 * Which servers of this process listen. The façades' `realtime` and `sdk` are names that a
 * module imports before any server exists, so this is the one place that has state of its own.
 */
const listening = new Set<RealtimeServer>();

/** Makes the server the one that the façades speak for, until it is released. */
export function bindToProcess(server: RealtimeServer): void {
  listening.add(server);
}

export function releaseFromProcess(server: RealtimeServer): void {
  listening.delete(server);
}

/** The process's one server. Throws `closed` before `listen()`, and when there are two. */
export function processServer(): RealtimeServer {
  const [server, ...others] = listening;
  if (server === undefined) {
    throw new SyncError("closed", "no server of this process listens yet: call listen() first");
  }
  if (others.length > 0) {
    const count = others.length + 1;
    throw new SyncError("closed", `${count} servers listen in this process: name the one you mean`);
  }
  return server;
}

import { SyncError } from "../../shared/errors.ts";
import type { PatternsServerOptions } from "./patterns-options.ts";
import { PatternsServer } from "./patterns-server.ts";

/** What makes a server of one type. */
type ServerMaker = (options: PatternsServerOptions) => PatternsServer;

const MAKERS: ReadonlyMap<string, ServerMaker> = new Map([
  ["websocket", (options) => new PatternsServer(options)],
]);

/** Types that are to come, and are not there yet. */
const PLANNED: ReadonlySet<string> = new Set(["nats"]);

/** Makes servers by type. */
export const RealtimeServerFactory = {
  /**
   * A server that `start()` opens. The type is `REALTIME_SERVER_TYPE` unless it is said here,
   * and `websocket` where nobody says one. Throws `options-invalid` for a type that there is
   * not.
   */
  create(options: PatternsServerOptions = {}): PatternsServer {
    const type = options.type ?? (process.env["REALTIME_SERVER_TYPE"] || "websocket");
    const make = MAKERS.get(type);
    if (make !== undefined) return make(options);
    const fault = PLANNED.has(type) ? `type "${type}" is not built yet` : `no type "${type}"`;
    const known = [...MAKERS.keys()].map((each) => `"${each}"`).join(", ");
    throw new SyncError("options-invalid", `realtime server: ${fault}; there is ${known}`);
  },
};

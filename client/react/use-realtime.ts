import type { ServerType } from "../../shared/room-types.ts";
import type { RealtimeClient } from "../realtime-client.ts";
import { useScope } from "./realtime-context.ts";

/** The provider's client. */
export function useRealtime<Server extends ServerType = ServerType>(): RealtimeClient<Server> {
  return useScope("useRealtime").client;
}

import { useCallback, useSyncExternalStore } from "react";
import type { ConnectionStatus } from "../connection/connection-status.ts";
import { useScope } from "./realtime-context.ts";

/** How the provider's client is connected, in the words shown to people. */
export function useConnectionStatus(): ConnectionStatus {
  const { client } = useScope("useConnectionStatus");
  const subscribe = useCallback(
    (listener: () => void) => client.onStatusChange(listener),
    [client],
  );
  return useSyncExternalStore(subscribe, () => client.status, getIdle);
}

function getIdle(): ConnectionStatus {
  return "idle";
}

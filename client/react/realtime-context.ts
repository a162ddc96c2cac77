import { createContext, useContext } from "react";
import { SyncError } from "../../shared/errors.ts";
import type { RealtimeScope } from "./stores/realtime-scope.ts";

export const RealtimeContext = createContext<RealtimeScope | undefined>(undefined);

/** What the nearest provider shares. `hook` is who asks, for the error's sake. */
export function useScope(hook: string): RealtimeScope {
  const scope = useContext(RealtimeContext);
  if (scope === undefined) {
    throw new SyncError("options-invalid", `${hook} needs a <RealtimeProvider> above it`);
  }
  return scope;
}

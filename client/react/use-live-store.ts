import { useEffect, useRef, useSyncExternalStore } from "react";
import type { LiveStore } from "./stores/live-store.ts";

/**
 * How the store stands, and `nothing` where there is none. A component that goes from one
 * store to another leaves the first at once: that is no mounting anew.
 */
export function useLiveStore<Snapshot>(
  store: LiveStore<Snapshot> | undefined,
  nothing: Snapshot,
): Snapshot {
  const previous = useRef(store);
  // Before the next effect, in which the other store is opened: one is left, then one is joined.
  useEffect(() => {
    if (previous.current !== store) previous.current?.closeUnused();
    previous.current = store;
  }, [store]);
  return useSyncExternalStore(
    store?.subscribe ?? subscribeToNothing,
    store?.getSnapshot ?? ((): Snapshot => nothing),
    store?.getInitialSnapshot ?? ((): Snapshot => nothing),
  );
}

function subscribeToNothing(): () => void {
  return () => undefined;
}

import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { StateOf } from "../../shared/room-types.ts";
import type { StateCopy } from "./state-copy.ts";
import { ShownValue, StateSelection } from "./stores/state-selection.ts";
import type { RoomView } from "./use-room.ts";

/**
 * What `select` picks out of the room's state; undefined until the first state is there.
 * The component renders again when that differs from before, and not else. It gets a copy,
 * which stays as it is and whose unchanged parts are the same objects as before.
 */
export function useRoomState<Room, Selected>(
  view: RoomView<Room>,
  select: (state: StateOf<Room>) => Selected,
): StateCopy<Selected> | undefined {
  const store = view["~store"];
  const [shown] = useState(() => new ShownValue());
  const selection = useMemo(
    () => store && new StateSelection(store, select as (state: unknown) => unknown, shown.value),
    [store, select, shown],
  );
  const subscribe = useCallback(
    (listener: () => void) => store?.onState(listener) ?? doNothing,
    [store],
  );
  const value = useSyncExternalStore(subscribe, selection?.read ?? getNothing, getNothing);
  useEffect(() => {
    shown.keep(value);
  }, [shown, value]);
  return value as StateCopy<Selected> | undefined;
}

function getNothing(): undefined {
  return undefined;
}

function doNothing(): void {
  // There was nothing to hear.
}

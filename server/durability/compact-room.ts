import type { CompactRoom } from "../persistence/room-store.ts";
import { compactState } from "./state/compact-state.ts";
import { RoomImage } from "./room-image.ts";

/** Folds a room's records into one. Pure: the store runs it in a worker. */
export const compactRoom: CompactRoom = (snapshot, ticks) =>
  RoomImage.read({ snapshot, ticks, isWhole: true }).toRecord(({ snapshot: state, changes }) =>
    state === undefined && changes.length === 0 ? undefined : compactState(state, changes),
  );

import { useEffect, useMemo } from "react";
import { SyncError } from "../../shared/errors.ts";
import type { JoinedRoom } from "../joined-room.ts";
import { useScope } from "./realtime-context.ts";
import type { RoomSnapshot, RoomStatus, RoomStore } from "./stores/room-store.ts";
import { useLatest } from "./use-latest.ts";
import { useLiveStore } from "./use-live-store.ts";

/** Listeners of a room's messages, by type. */
export type RoomListeners = Readonly<Record<string, (payload: never) => void>>;

/** What `useRoom` does beside joining; its listeners may be others in every render. */
export interface RoomOptions {
  /** Called for each message of the type, from the join on: none is missed. */
  readonly on?: RoomListeners;
}

/** A room as components see it. Its functions are the same ones as long as the room is. */
export interface RoomView<Room> {
  /** Once it is joined, and as long as the component is there: through every reconnect. */
  readonly room: JoinedRoom<Room> | undefined;
  readonly status: RoomStatus;
  /** The latest thing that went wrong, until the same goes well. */
  readonly error: SyncError | undefined;
  /**
   * Waits for the room, where that is not there yet, and resolves with its reply. Where
   * nobody waits for it, `error` tells of a refusal.
   */
  readonly request: JoinedRoom<Room>["request"];
  readonly send: JoinedRoom<Room>["send"];
  /** Joins again after it was refused, or ended. */
  readonly retry: () => void;
  /** For `useRoomState`. */
  readonly "~store": RoomStore | undefined;
}

/**
 * A seat in the room of that name, from the moment that the component is there until it goes:
 * mounted anew within a moment, it keeps its seat. Components that ask for the same room with
 * the same options share one. `null` as the name means none, for the time being.
 */
export function useRoom<Room = unknown>(
  name: string | null,
  joinOptions?: unknown,
  { on }: RoomOptions = {},
): RoomView<Room> {
  const scope = useScope("useRoom");
  const key = JSON.stringify(joinOptions);
  const store = useMemo(
    // The options by what they say: an equal object means the same room.
    () =>
      name === null
        ? undefined
        : scope.room(name, key === undefined ? undefined : (JSON.parse(key) as unknown)),
    [scope, name, key],
  );
  const view = useLiveStore(store?.live, NO_ROOM);
  useRoomListeners(store, on);
  return useMemo(
    () =>
      ({
        ...view,
        request: store?.request ?? refuse,
        send: store?.send ?? doNothing,
        retry: store?.retry ?? doNothing,
        "~store": store,
      }) as unknown as RoomView<Room>,
    [view, store],
  );
}

function useRoomListeners(store: RoomStore | undefined, on: RoomListeners | undefined): void {
  const getListeners = useLatest(on);
  const types = JSON.stringify(Object.keys(on ?? {}));
  useEffect(() => {
    const ends = (JSON.parse(types) as string[]).map((type) =>
      store?.onMessage(type, (payload) => getListeners()?.[type]?.(payload as never)),
    );
    return () => {
      for (const end of ends) end?.();
    };
  }, [store, types, getListeners]);
}

const NO_ROOM: RoomSnapshot = { room: undefined, status: "joining", error: undefined };

function doNothing(): void {
  // There is no room to do it to.
}

function refuse(): Promise<never> {
  const refusal = Promise.reject(new SyncError("closed", "there is no room yet"));
  refusal.catch(() => undefined);
  return refusal;
}

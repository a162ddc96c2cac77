import type { ReactElement } from "react";
import type { JoinOptionsOf, RoomOf, ServerType } from "../../shared/room-types.ts";
import type { RealtimeClient, RoomName } from "../realtime-client.ts";
import { RealtimeProvider, type RealtimeProviderProps } from "./realtime-provider.ts";
import { useConnectionStatus } from "./use-connection-status.ts";
import { usePresence } from "./use-presence.ts";
import { useRealtime } from "./use-realtime.ts";
import { useRoom, type RoomOptions, type RoomView } from "./use-room.ts";
import { useRoomState } from "./use-room-state.ts";
import { useTopic } from "./use-topic.ts";

/** Options may be left out where none is required. */
type RoomArguments<Options> =
  Record<string, never> extends Options
    ? [joinOptions?: Options, options?: RoomOptions]
    : [joinOptions: Options, options?: RoomOptions];

/** The hooks, as one server's rooms type them. */
export interface Hooks<Server extends ServerType> {
  readonly RealtimeProvider: (props: RealtimeProviderProps<Server>) => ReactElement;
  readonly useRealtime: () => RealtimeClient<Server>;
  readonly useRoom: <Name extends RoomName<Server>>(
    name: Name | null,
    ...options: RoomArguments<JoinOptionsOf<RoomOf<Server, Name>>>
  ) => RoomView<RoomOf<Server, Name>>;
  readonly useRoomState: typeof useRoomState;
  readonly useTopic: typeof useTopic;
  readonly usePresence: typeof usePresence;
  readonly useConnectionStatus: typeof useConnectionStatus;
}

/**
 * The hooks of this entry, typed by a server: `createHooks<typeof server>()`, with the type
 * imported by `import type`. They are the very same functions.
 */
export function createHooks<Server extends ServerType>(): Hooks<Server> {
  return {
    RealtimeProvider,
    useRealtime: useRealtime<Server>,
    useRoom: useRoom,
    useRoomState,
    useTopic,
    usePresence,
    useConnectionStatus,
  };
}

export { createHooks, type Hooks } from "./create-hooks.ts";
export { RealtimeProvider, type RealtimeProviderProps } from "./realtime-provider.ts";
export type { StateCopy } from "./state-copy.ts";
export type { RoomStatus } from "./stores/room-store.ts";
export type { TopicStatus } from "./stores/topic-handle.ts";
export type { TopicMessage } from "./stores/topic-log.ts";
export { useConnectionStatus } from "./use-connection-status.ts";
export {
  type Member,
  type PresenceOptions,
  type PresenceView,
  usePresence,
} from "./use-presence.ts";
export { useRealtime } from "./use-realtime.ts";
export { useRoomState } from "./use-room-state.ts";
export { type RoomListeners, type RoomOptions, type RoomView, useRoom } from "./use-room.ts";
export {
  type MessageOf,
  type TopicListeners,
  type TopicOptions,
  type TopicView,
  useTopic,
} from "./use-topic.ts";
export { SyncError, type SyncErrorCode } from "../../shared/errors.ts";

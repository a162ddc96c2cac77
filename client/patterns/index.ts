export { EventEmitter, type EventObserver } from "./event-emitter.ts";
export type { EventFilters, EventSelector } from "./event-selector.ts";
export { client } from "./page-patterns.ts";
export { createPatternsClient, PatternsClient } from "./patterns-client.ts";
export { type ChannelOptions, type ChannelState, RealtimeChannel } from "./realtime-channel.ts";
export { RealtimeProvider, type RealtimeProviderOptions } from "./realtime-provider.ts";
export type { ReconnectOptions } from "../connection/reconnect-policy.ts";
export type { Unsubscribe } from "../../shared/emitter.ts";
export { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
export type {
  EventDraft,
  EventOfType,
  RealtimeEvent,
} from "../../shared/patterns/realtime-event.ts";

export { Channel, type ChannelOptions, type PublishOptions } from "./channels/channel.ts";
export type { ChannelStatus, ChannelStatusListener } from "./channels/handle-subscription.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export type { ConnectionStatus, DisconnectReason } from "./connection/connection-status.ts";
export type { ReconnectOptions } from "./connection/reconnect-policy.ts";
export type { TokenStorage } from "./connection/guest-token.ts";
export type { Traffic } from "./connection/traffic.ts";
export type { WakeSignals } from "./connection/wake-signals.ts";
export type { WebSocketFactory, WebSocketLike } from "./connection/websocket-like.ts";
export { JoinedRoom, type RequestOptions } from "./joined-room.ts";
export { RealtimeClient, type RoomName } from "./realtime-client.ts";
export type { StateCallbacks } from "./state/schema-state.ts";
export type { Clock } from "../shared/clock.ts";
export type { Unsubscribe } from "../shared/emitter.ts";
export type { PresenceState } from "../shared/events/presence-event.ts";
export type {
  HistoryMessage,
  Publication,
  PublishReceipt,
  RealtimePayload,
  Recovery,
  StreamPosition,
} from "../shared/events/publication.ts";
export { SyncError, type SyncErrorCode } from "../shared/errors.ts";
export { CloseCode } from "../shared/protocol/close-codes.ts";
export type { Identity } from "../shared/protocol/hello.ts";
export type * from "../shared/room-types.ts";

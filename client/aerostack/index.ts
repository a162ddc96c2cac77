export { AerostackChannel, type HistoryMessage } from "./aerostack-channel.ts";
export {
  AerostackProvider,
  type AerostackProviderProps,
  type Auth,
  useAerostack,
  useAuth,
} from "./aerostack-provider.ts";
export { type AerostackClient, AerostackRealtime } from "./aerostack-realtime.ts";
export { type Aerostack, createAerostack } from "./create-aerostack.ts";
export type { ChannelOptions, PublishOptions } from "../channels/channel.ts";
export type { ChannelStatus, ChannelStatusListener } from "../channels/handle-subscription.ts";
export type { ConnectOptions } from "../connect.ts";
export type { ConnectionStatus } from "../connection/connection-status.ts";
export type { Unsubscribe } from "../../shared/emitter.ts";
export { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
export type { PresenceState } from "../../shared/events/presence-event.ts";
export type { PublishReceipt, RealtimePayload } from "../../shared/events/publication.ts";
export type { Identity } from "../../shared/protocol/hello.ts";

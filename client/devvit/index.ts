export type { ChannelOptions } from "./channel-hook.ts";
export { ChannelStatus } from "./channel-status.ts";
export type { Connection, ConnectRealtimeOptions } from "./connections.ts";
export { createDevvit, type DevvitClient, type DevvitClientOptions } from "./create-devvit.ts";
export type { JSONValue, RealtimeMessage } from "./json-value.ts";
export type { ChannelClient } from "./open-channel.ts";
export {
  connectRealtime,
  Devvit,
  disconnectRealtime,
  isRealtimeConnected,
  useChannel,
} from "./page-devvit.ts";
export type { UseChannelResult } from "./use-channel.ts";
export type { DisconnectReason } from "../connection/connection-status.ts";
export { SyncError, type SyncErrorCode } from "../../shared/errors.ts";

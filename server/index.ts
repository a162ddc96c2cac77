export { createServer } from "./create-server.ts";
export { RealtimeServer } from "./realtime-server.ts";
export type { OperationOptions, ServerOptions } from "./server-options.ts";
export { silentLogger, stderrLogger, type LogFields, type Logger } from "./logger.ts";
export { pinoLogger, type LogLevel, type PinoLoggerOptions } from "./logging/pino-logger.ts";
export { closeOnSignals, type SignalOptions } from "./close-on-signals.ts";
export type { AdminOptions } from "./admin/admin-options.ts";
export type { MetricsOptions } from "./metrics/metrics-options.ts";
export type { TokenVerifier, VerifiedUser } from "./auth/authenticator.ts";
export { jwt, type JwtOptions } from "./auth/jwt.ts";
export type { JwtKeyOptions } from "./auth/jwt-key.ts";
export type {
  ChannelAction,
  ChannelPolicies,
  ChannelPolicy,
  ChannelRequest,
  EventRule,
} from "./channels/channel-policy.ts";
export type { PolicyLimits } from "./channels/policy-limits.ts";
export type { Rate, RateOption } from "./limits/rate.ts";
export type {
  ClientRates,
  FrameRates,
  LimitOptions,
  RetentionLimits,
  WindowLimits,
} from "./limits/server-limits.ts";
export { aerostack } from "./policies/aerostack-policy.ts";
export { devvit, devvitBlocks, type DevvitOptions } from "./policies/devvit-policies.ts";
export { patterns } from "./policies/patterns-policy.ts";
export type { PresetOptions } from "./policies/preset-options.ts";
export type { PublishedMessage } from "./channels/channel-hub.ts";
export { backupStore } from "./persistence/backup-store.ts";
export type { RoomStore } from "./persistence/room-store.ts";
export type { Store, StoredMessage } from "./persistence/store.ts";
export type { RoomClass, RoomTable } from "./matchmaking/room-table.ts";
export {
  intent,
  type Intent,
  type HandleIntent,
  type IntentOptions,
  type RateLimit,
} from "./rooms/intent.ts";
export type { AuditedIntent } from "./rooms/audited-intent.ts";
export type { Persistence } from "./rooms/persistence.ts";
export { SyncRoom, type CreateContext } from "./rooms/sync-room.ts";
export type { TickStep } from "./rooms/tick-pipeline.ts";
export type { RoomClient } from "./transport/websocket-client.ts";
export { SyncError, type SyncErrorCode } from "../shared/errors.ts";
export { CloseCode } from "../shared/protocol/close-codes.ts";
export type { Identity } from "../shared/protocol/hello.ts";

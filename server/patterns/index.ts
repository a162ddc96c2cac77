export type { TokenAuth, TokenClaims } from "./patterns-auth.ts";
export type { PatternsLimits, PatternsServerOptions } from "./patterns-options.ts";
export { PatternsServer } from "./patterns-server.ts";
export { RealtimeServerFactory } from "./realtime-server-factory.ts";
export type {
  ClientConnected,
  ClientDisconnected,
  MessageReceived,
  ServerEvents,
  ServerStats,
} from "./server-event.ts";
export { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
export type { EventDraft, RealtimeEvent } from "../../shared/patterns/realtime-event.ts";

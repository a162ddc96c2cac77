export { SyncError, type SyncErrorCode, type SyncErrorDetails } from "./errors.ts";
export type { CancelTimer, Clock } from "./clock.ts";
export { systemClock } from "./system-clock.ts";
export { Emitter, type Unsubscribe } from "./emitter.ts";
export { CloseCode, isFinalCloseCode } from "./protocol/close-codes.ts";
export { PROTOCOL_VERSION } from "./protocol/protocol-version.ts";
export type { Identity } from "./protocol/hello.ts";
export { grid, registerGrid } from "./state/grid-field.ts";
export { Grid } from "./state/grid.ts";
export type { GridChange } from "./state/cell-changes.ts";
export type { GridShape } from "./state/grid-shape.ts";
export type {
  JoinOptionsOf,
  MessageName,
  PayloadOf,
  ReplyOf,
  RoomOf,
  ServerType,
  StateOf,
} from "./room-types.ts";
export type { JsonValue } from "./json-text.ts";
export type {
  HistoryMessage,
  Publication,
  PublishReceipt,
  RealtimePayload,
  Recovery,
  StreamPosition,
} from "./events/publication.ts";
export type { PresenceEvent, PresenceState } from "./events/presence-event.ts";
export { parseTopic, TopicPattern } from "./topics.ts";
export { normalizeName } from "./display-name.ts";

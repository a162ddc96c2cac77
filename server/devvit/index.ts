export {
  createDevvit,
  type DevvitServer,
  type DevvitServerOptions,
  type PublishingServer,
} from "./create-devvit.ts";
export { Devvit, realtime } from "./process-devvit.ts";
export type { DevvitConfig } from "../../shared/devvit-switch.ts";
export type { JsonValue as JSONValue } from "../../shared/json-text.ts";
export { SyncError, type SyncErrorCode } from "../../shared/errors.ts";

export { type Aerostack, createAerostack } from "./create-aerostack.ts";
export { sdk } from "./sdk.ts";
export { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
export type { PublishReceipt } from "../../shared/events/publication.ts";

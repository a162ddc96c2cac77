import { SyncError } from "../../shared/errors.ts";
import type { StreamPosition } from "../../shared/events/publication.ts";
import { MAX_PRESENCE_BYTES } from "../../shared/limits.ts";
import { readPayload } from "./payload.ts";

/** Where a client says it stands. Throws `payload-invalid`; nothing claimed is no position. */
export function checkPosition(since: unknown): StreamPosition | undefined {
  if (since === undefined || since === null) return undefined;
  const { epoch, offset } = since as Partial<StreamPosition>;
  if (typeof epoch === "string" && Number.isSafeInteger(offset) && offset! >= 0) {
    return { epoch, offset: offset! };
  }
  throw new SyncError("payload-invalid", "a position has an epoch and an offset");
}

const PRESENCE = { what: "presence", maxBytes: MAX_PRESENCE_BYTES };

/** What a client wants to show of itself. Throws `payload-invalid` or `payload-too-large`. */
export function readTracked(claimed: unknown): Record<string, unknown> {
  const { data } = readPayload(claimed, PRESENCE);
  if (typeof data === "object" && data !== null && !Array.isArray(data)) {
    return data as Record<string, unknown>;
  }
  throw new SyncError("payload-invalid", "what is tracked is not an object");
}

import { SyncError } from "../../shared/errors.ts";
import type { StreamPosition } from "../../shared/events/publication.ts";
import { MAX_PRESENCE_BYTES } from "../../shared/limits.ts";
import { sealPayload } from "./payload.ts";

/** Where a client says it stands. Throws `payload-invalid`; nothing claimed is no position. */
export function checkPosition(since: unknown): StreamPosition | undefined {
  if (since === undefined || since === null) return undefined;
  const { epoch, offset } = since as Partial<StreamPosition>;
  if (typeof epoch === "string" && Number.isSafeInteger(offset) && offset! >= 0) {
    return { epoch, offset: offset! };
  }
  throw new SyncError("payload-invalid", "a position has an epoch and an offset");
}

/** What a client wants to show of itself. Throws `payload-invalid` or `payload-too-large`. */
export function checkTracked(state: unknown): Record<string, unknown> {
  if (typeof state !== "object" || state === null || Array.isArray(state)) {
    throw new SyncError("payload-invalid", "what is tracked is not an object");
  }
  const { data, bytes } = sealPayload(state);
  if (bytes <= MAX_PRESENCE_BYTES) return data as Record<string, unknown>;
  const size = `${bytes} bytes exceeds ${MAX_PRESENCE_BYTES}`;
  throw new SyncError("payload-too-large", `presence of ${size}`);
}

import { SyncError } from "../../shared/errors.ts";
import { toJsonText } from "../../shared/json-text.ts";
import { MAX_PAYLOAD_BYTES } from "../../shared/limits.ts";

/** What a publication says: the same for who hears it now, later, or out of the store. */
export interface Payload {
  readonly data: unknown;
  /** JSON of `data`, and its size in UTF-8. */
  readonly text: string;
  readonly bytes: number;
}

/**
 * A copy of what somebody wants to publish, which nobody can change any more: a replay after
 * a minute tells what was told at first. Throws `payload-invalid`, or `payload-too-large`
 * beyond 1 MB.
 */
export function sealPayload(data: unknown): Payload {
  const text = toJsonText(data);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PAYLOAD_BYTES) return { data: JSON.parse(text) as unknown, text, bytes };
  throw new SyncError(
    "payload-too-large",
    `payload of ${bytes} bytes exceeds ${MAX_PAYLOAD_BYTES}`,
  );
}

/** A payload that was sealed before and comes back out of the store. */
export function unsealPayload(text: string): Payload {
  return { data: JSON.parse(text) as unknown, text, bytes: Buffer.byteLength(text) };
}

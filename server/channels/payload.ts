import { SyncError } from "../../shared/errors.ts";
import { toJsonText, type JsonText } from "../../shared/json-text.ts";
import { MAX_JSON_DEPTH, MAX_PAYLOAD_BYTES } from "../../shared/limits.ts";
import { shapeOf } from "./json-shape.ts";

/** What somebody says: the same for who hears it now, later, or out of the store. */
export interface Payload {
  readonly data: unknown;
  /** JSON of `data`, and its size in UTF-8. */
  readonly text: JsonText;
  readonly bytes: number;
}

/** What a payload is of, and how large it may be. */
export interface PayloadLimit {
  readonly what: string;
  readonly maxBytes: number;
}

const PUBLICATION: PayloadLimit = { what: "payload", maxBytes: MAX_PAYLOAD_BYTES };

/**
 * A copy of what somebody wants to publish, which nobody can change any more: a replay after
 * a minute tells what was told at first. Throws `payload-invalid`, or `payload-too-large`
 * beyond 1 MB.
 */
export function sealPayload(data: unknown): Payload {
  const text = toJsonText(data);
  const bytes = measure(text, PUBLICATION);
  return { data: JSON.parse(text) as unknown, text, bytes };
}

/**
 * What a client sent as JSON text. It goes on as `JSON.stringify` writes it, however it came.
 * Throws as `sealPayload` does, also for what is no text or no JSON.
 */
export function readPayload(claimed: unknown, limit = PUBLICATION): Payload {
  if (typeof claimed !== "string") {
    throw new SyncError("payload-invalid", `${limit.what} is ${typeof claimed}, not a JSON text`);
  }
  // Before anything looks at what is in it.
  measure(claimed, limit);
  if (shapeOf(claimed).depth > MAX_JSON_DEPTH) {
    throw new SyncError("payload-invalid", `${limit.what} is nested deeper than ${MAX_JSON_DEPTH}`);
  }
  const data = parse(claimed, limit);
  const text = toJsonText(data);
  return { data, text, bytes: measure(text, limit) };
}

function parse(text: JsonText, { what }: PayloadLimit): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SyncError("payload-invalid", `${what} is not JSON`, { cause });
  }
}

function measure(text: string, { what, maxBytes }: PayloadLimit): number {
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return bytes;
  throw new SyncError("payload-too-large", `${what} of ${bytes} bytes exceeds ${maxBytes}`);
}

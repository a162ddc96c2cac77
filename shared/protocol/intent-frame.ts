import type { SyncErrorCode } from "../errors.ts";
import { SyncError } from "../errors.ts";

/**
 * Message type that carries an intent of our client inside a stock ROOM_REQUEST. A stock
 * SDK sends the intent's own name instead, with the bare payload and without an id.
 */
export const INTENT_TYPE = "atrium:intent";

/** `[protocol version, intent id, message name, payload]`. The id is unique to its sender. */
export type IntentEnvelope = readonly [version: number, id: string, name: string, payload: unknown];

/** A `SyncError` as it travels in a rejected reply. */
export interface WireError {
  code: SyncErrorCode;
  message: string;
  retryAfterMs?: number;
}

export function toWireError(error: SyncError): WireError {
  const wire: WireError = { code: error.code, message: error.message };
  if (error.retryAfterMs !== undefined) wire.retryAfterMs = error.retryAfterMs;
  return wire;
}

/** The error a reply carried; anything that is not a `WireError` becomes `handler-failed`. */
export function fromWireError(wire: unknown): SyncError {
  const { code, message, retryAfterMs } = (wire ?? {}) as Partial<WireError>;
  if (typeof code !== "string" || typeof message !== "string") {
    const text = typeof message === "string" ? message : "the server gave no reason";
    return new SyncError("handler-failed", text);
  }
  return new SyncError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

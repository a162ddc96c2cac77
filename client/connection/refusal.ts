import { ErrorCode } from "@colyseus/shared-types";
import { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { fromWireError } from "../../shared/protocol/intent-frame.ts";
import { isRecord } from "./seat.ts";

const CODES_OF_COLYSEUS: ReadonlyMap<unknown, SyncErrorCode> = new Map([
  [ErrorCode.MATCHMAKE_NO_HANDLER, "room-unknown"],
  [ErrorCode.MATCHMAKE_INVALID_ROOM_ID, "room-unknown"],
  [ErrorCode.MATCHMAKE_EXPIRED, "session-expired"],
  [ErrorCode.AUTH_FAILED, "auth-failed"],
  [ErrorCode.INVALID_PAYLOAD, "payload-invalid"],
]);

const CODES_OF_HTTP: ReadonlyMap<number, SyncErrorCode> = new Map([
  [401, "auth-failed"],
  [403, "auth-failed"],
  [413, "options-invalid"],
  [429, "rate-limited"],
]);

const CODES_OF_CLOSE: ReadonlyMap<number, SyncErrorCode> = new Map([
  [CloseCode.ABNORMAL, "unreachable"],
  [CloseCode.FRAME_TOO_LARGE, "frame-too-large"],
  [CloseCode.FRAME_MALFORMED, "frame-malformed"],
  [CloseCode.CONSENTED, "join-refused"],
  [CloseCode.WITH_ERROR, "join-refused"],
  [CloseCode.FAILED_TO_RECONNECT, "session-expired"],
  [CloseCode.VERSION_MISMATCH, "version-mismatch"],
  [CloseCode.FLOODED, "rate-limited"],
]);

/** Refusals that trying again cannot change: only the user or the page can. */
const LASTING: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  "auth-failed",
  "forbidden-origin",
  "not-allowed",
  "options-invalid",
  "room-unknown",
  "version-mismatch",
]);

/** Who is not in yet is told that there is no place, as by `join`; who was in waits for one. */
export function isLastingRefusal(error: SyncError, wasIn: boolean): boolean {
  return LASTING.has(error.code) || (error.code === "room-full" && !wasIn);
}

/**
 * What matchmaking's refusal means. Our server says it in `sync`; a plain Colyseus server by
 * its number; whatever answers with neither is no game server, but a proxy in front of one.
 */
export function refusedByHttp(status: number, answer: unknown): SyncError {
  const body = isRecord(answer) ? answer : {};
  if (isRecord(body["sync"])) return fromWireError(body["sync"]);

  const code = CODES_OF_COLYSEUS.get(body["code"]) ?? CODES_OF_HTTP.get(status);
  const reason = body["error"] ?? body["message"];
  if (typeof reason !== "string") {
    return new SyncError(code ?? "unreachable", `matchmaking answered with HTTP status ${status}`);
  }
  const { retryAfterMs } = body;
  const details = typeof retryAfterMs === "number" ? { retryAfterMs } : {};
  return new SyncError(code ?? "join-refused", reason, details);
}

/** What an ERROR frame before the first state means. */
export function refusedByFrame(code: number, message: string): SyncError {
  return new SyncError(CODES_OF_COLYSEUS.get(code) ?? "join-refused", message);
}

/** What a connection that closed before the first state means. */
export function refusedByClose(code: number, reason: string): SyncError {
  return new SyncError(
    CODES_OF_CLOSE.get(code) ?? "disconnected",
    `the connection was closed before the room's state came: ${describeClose(code, reason)}`,
  );
}

/** Why the server ended a running session for good; undefined when somebody asked for it. */
export function endedByClose(code: number, reason: string): SyncError | undefined {
  if (code === CloseCode.CONSENTED) return undefined;
  return new SyncError(
    CODES_OF_CLOSE.get(code) ?? "closed",
    `the server closed the connection for good: ${describeClose(code, reason)}`,
  );
}

function describeClose(code: number, reason: string): string {
  return reason === "" ? `code ${code}` : `code ${code}, ${reason}`;
}

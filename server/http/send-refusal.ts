import type { ServerResponse } from "node:http";
import { SyncError } from "../../shared/errors.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";
import type { Logger } from "../logger.ts";
import type { Meter } from "../metrics/meter.ts";
import { HTTP_STATUS } from "./http-status.ts";
import { sayWhen } from "./say-when.ts";
import { sendJson } from "./send-json.ts";

/** Who is told what was refused. */
export interface Reports {
  readonly logger: Logger;
  readonly meter: Meter;
}

/**
 * Answers with why not, as `{ sync: { code, message } }`. What is no `SyncError` is for the log
 * alone, which says that `what` failed.
 */
export function sendRefusal(
  response: ServerResponse,
  error: unknown,
  what: string,
  { logger, meter }: Reports,
): void {
  const isOurs = error instanceof SyncError;
  if (!isOurs) logger.error(`${what} failed`, error);
  const sync = isOurs ? error : new SyncError("handler-failed", "the server failed to do this");
  meter.rejected(sync.code);
  // What is left of an oversized body is not read: the connection cannot be used again.
  response.setHeader("Connection", "close");
  if (sync.code === "auth-failed") response.setHeader("WWW-Authenticate", "Bearer");
  sayWhen(response, sync);
  sendJson(response, isOurs ? (HTTP_STATUS[sync.code] ?? 400) : 500, { sync: toWireError(sync) });
}

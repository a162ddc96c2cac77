import type { IncomingMessage } from "node:http";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import {
  JOIN_TIMEOUT_MS,
  MAX_ADMIN_BODY_BYTES,
  MAX_BAN_REASON_LENGTH,
  MAX_USER_ID_LENGTH,
} from "../../shared/limits.ts";
import { parseJsonObject } from "../http/parse-json-object.ts";
import { readBody } from "../http/read-body.ts";
import type { Ban } from "./ban-list.ts";

/** Reads `{ reason?, forMs? }`. Throws `options-invalid` or `payload-too-large`. */
export async function readBan(
  request: IncomingMessage,
  userId: string,
  clock: Clock,
): Promise<Ban> {
  if (userId === "" || userId.length > MAX_USER_ID_LENGTH) {
    const text = `user id of ${userId.length} characters is not 1 to ${MAX_USER_ID_LENGTH}`;
    throw new SyncError("options-invalid", text);
  }
  const deadline = { clock, timeoutMs: JOIN_TIMEOUT_MS };
  const { reason = "", forMs } = parseBody(await readBody(request, MAX_ADMIN_BODY_BYTES, deadline));
  if (typeof reason !== "string" || reason.length > MAX_BAN_REASON_LENGTH) {
    throw new SyncError(
      "options-invalid",
      `"reason" is not a text of at most ${MAX_BAN_REASON_LENGTH} characters`,
    );
  }
  const now = clock.now();
  if (forMs === undefined) return { userId, reason, at: now };
  const isTime = typeof forMs === "number" && Number.isFinite(forMs) && forMs > 0;
  if (!isTime) throw new SyncError("options-invalid", '"forMs" is not a time');
  return { userId, reason, at: now, until: now + forMs };
}

function parseBody(body: string): { reason?: unknown; forMs?: unknown } {
  return body === "" ? {} : parseJsonObject(body, "options-invalid", "the body is");
}

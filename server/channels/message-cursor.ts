import { SyncError } from "../../shared/errors.ts";
import type { HistoryPosition, StoredMessage } from "../persistence/store.ts";

/** A message's place in its history, as clients pass it back: opaque, and stable. */
export function formatCursor({ createdAt, offset }: StoredMessage): string {
  return `${createdAt.toString(36)}.${offset.toString(36)}`;
}

/** Reads a cursor, or the `created_at` of a message. Throws `payload-invalid`. */
export function parseCursor(before: number | string): HistoryPosition {
  if (typeof before === "number" && Number.isFinite(before)) return { createdAt: before };
  // A client may have sent anything, also what cannot be made a text.
  const text = typeof before === "string" ? before : `a ${typeof before}`;
  const [, createdAt, offset] = /^([0-9a-z]{1,12})\.([0-9a-z]{1,12})$/.exec(text) ?? [];
  if (createdAt === undefined || offset === undefined) {
    throw new SyncError("payload-invalid", `history cursor "${text.slice(0, 40)}" is none`);
  }
  return { createdAt: parseInt(createdAt, 36), offset: parseInt(offset, 36) };
}

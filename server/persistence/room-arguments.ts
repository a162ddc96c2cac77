import { SyncError } from "../../shared/errors.ts";
import type { AuditEntry, TickToSave, RoomRecord } from "./room-store.ts";

/** Throws `RangeError` for what is no number of a tick. */
export function checkTick({ tick }: RoomRecord): void {
  if (Number.isSafeInteger(tick) && tick > 0) return;
  throw new RangeError(`tick ${tick} is not a whole number above 0`);
}

/** Throws `not-allowed` for a tick that is not the one after the room's last record. */
export function checkFollows(roomId: string, last: number, { tick }: RoomRecord): void {
  if (tick === last + 1) return;
  const text = `tick ${tick} of room "${roomId}" does not follow ${last}, the last one saved`;
  throw new SyncError("not-allowed", text);
}

/** What is kept of a record, whatever becomes of the original; its texts as a file keeps them. */
export function copyRecord(record: TickToSave): TickToSave {
  const audit = record.audit.map(copyAuditEntry);
  const { tick, openSeats } = record;
  return { tick, bytes: Uint8Array.from(record.bytes), openSeats, audit };
}

// Half of a character in a name must not keep a tick from being saved.
function copyAuditEntry({ at, userId, name, data }: AuditEntry): AuditEntry {
  const [user, what, json] = [userId, name, data].map((text) => text.toWellFormed());
  return { at, userId: user!, name: what!, data: json! };
}

export function roomExists(roomId: string): SyncError {
  return new SyncError("not-allowed", `room "${roomId}" is saved already`);
}

export function roomNotFound(roomId: string): SyncError {
  return new SyncError("not-found", `room "${roomId}" is not saved`);
}

/** What a room is refused with that cannot be read from its beginning on. */
export function roomUnreadable(roomId: string): SyncError {
  return new SyncError("state-malformed", `what was saved of room "${roomId}" is damaged`);
}

/** What a compaction is refused with, which would drop what it cannot read or make. */
export function notCompacted(roomId: string, reason: string, cause?: unknown): SyncError {
  const text = `room "${roomId}" cannot be compacted: ${reason}`;
  return new SyncError("state-malformed", text, { cause });
}

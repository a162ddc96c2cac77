import { SyncError } from "../../shared/errors.ts";
import type { AuditEntry, RoomRecord, SnapshotToSave, TickToSave } from "./room-store.ts";

/** Throws `RangeError` for what is no number of a tick. */
export function checkTick({ tick }: RoomRecord): void {
  if (Number.isSafeInteger(tick) && tick > 0) return;
  throw new RangeError(`tick ${tick} is not a whole number above 0`);
}

/** Throws `not-allowed` for a tick that does not build on the room's last record. */
export function checkFollows(roomId: string, last: number, { tick, follows }: TickToSave): void {
  if (follows === last && tick > last) return;
  const text = `tick ${tick} of room "${roomId}" follows ${follows}, but the last is ${last}`;
  throw new SyncError("not-allowed", text);
}

/** What is kept of a record, whatever becomes of the original; its texts as a file keeps them. */
export function copyRecord<Saved extends SnapshotToSave>(record: Saved): Saved {
  const audit = record.audit.map(copyAuditEntry);
  return { ...record, bytes: Uint8Array.from(record.bytes), audit };
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

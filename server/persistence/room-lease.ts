import { SyncError } from "../../shared/errors.ts";
import { ROOM_LEASE_MS } from "../../shared/limits.ts";
import { isOwnerGone } from "./room-owner.ts";
import type { RoomClaim, RoomOwner } from "./room-store.ts";

/** Who may write a room, and until when nobody else gets it. */
export interface RoomLease {
  readonly owner: RoomOwner;
  readonly token: number;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

/**
 * How long a lease still keeps others out; 0 when its room can be claimed. Never more than
 * `ROOM_LEASE_MS`: a clock that was set back must not keep a room closed for hours.
 */
export function leaseLeftMs({ owner, expiresAt }: RoomLease, now: number): number {
  const leftMs = Math.min(expiresAt - now, ROOM_LEASE_MS);
  return leftMs <= 0 || isOwnerGone(owner) ? 0 : leftMs;
}

export function roomClaimed(roomId: string, retryAfterMs: number): SyncError {
  return new SyncError("room-claimed", `room "${roomId}" belongs to another server`, {
    retryAfterMs,
  });
}

export function roomLost({ roomId }: RoomClaim): SyncError {
  return new SyncError("room-lost", `room "${roomId}" was claimed by somebody else`);
}

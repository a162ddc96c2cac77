import { describeOwner } from "../../server/persistence/room-owner.ts";
import type {
  AuditEntry,
  RoomClaim,
  RoomStore,
  TickToSave,
} from "../../server/persistence/room-store.ts";

export const NOW = 1_700_000_000_000;

/** A record whose bytes follow from its tick, but for what a test changes. */
export function recordOf(tick: number, changes: Partial<TickToSave> = {}): TickToSave {
  return { tick, bytes: Uint8Array.of(tick & 0x7f, 255, 0), openSeats: 0, audit: [], ...changes };
}

export function auditOf(number: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  return { at: NOW + number, userId: "ada", name: "place", data: `{"x":${number}}`, ...changes };
}

/** Bytes that are different everywhere, so that none can be lost, doubled or moved unseen. */
export function manyBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 8)) & 0x7f);
}

/** A new room of this id, claimed by this process. */
export async function openRoom(rooms: RoomStore, roomId = "board"): Promise<RoomClaim> {
  const claim = await rooms.claimRoom(roomId, describeOwner("server-1"));
  await rooms.createRoom(claim, { roomId, roomName: "Board", options: '{"size":3}' });
  return claim;
}

export async function appendTicks(
  rooms: RoomStore,
  claim: RoomClaim,
  from: number,
  to: number,
): Promise<void> {
  for (let tick = from; tick <= to; tick += 1) await rooms.appendTick(claim, recordOf(tick));
}

/** The numbers of a room's snapshot and of its ticks. */
export async function ticksOf(
  rooms: RoomStore,
  roomId = "board",
): Promise<[snapshot: number | undefined, ...ticks: number[]]> {
  const saved = await rooms.loadRoom(roomId);
  return [saved?.snapshot?.tick, ...(saved?.ticks ?? []).map(({ tick }) => tick)];
}

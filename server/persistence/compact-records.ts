import { notCompacted } from "./room-arguments.ts";
import type { CompactRoom, RoomRecord } from "./room-store.ts";

/** Runs a room's own compaction; throws `state-malformed` when it fails, or makes another tick. */
export function compactRecords(
  compactRoom: CompactRoom,
  roomId: string,
  snapshot: RoomRecord | undefined,
  ticks: readonly RoomRecord[],
): RoomRecord {
  let made: RoomRecord;
  try {
    made = compactRoom(snapshot, ticks);
  } catch (cause) {
    throw notCompacted(roomId, String(cause), cause);
  }
  const last = ticks.at(-1)?.tick;
  if (made.tick === last) return { tick: made.tick, bytes: made.bytes };
  throw notCompacted(roomId, `the snapshot is of tick ${made.tick}, not ${last}`);
}

import type { CompactRoom } from "../../server/persistence/room-store.ts";

/** A record with this byte in front cannot be compacted. */
export const POISON = 0xee;

/**
 * Stands in for a room's own compaction: the snapshot is every byte so far, one record after
 * the other, so that a test can tell whether all of them went in, once and in order.
 */
export const compactRoom: CompactRoom = (snapshot, ticks) => {
  const records = snapshot === undefined ? ticks : [snapshot, ...ticks];
  if (ticks.some(({ bytes }) => bytes[0] === POISON)) throw new Error("poisoned");
  return { tick: records.at(-1)!.tick, bytes: joinBytes(records.map(({ bytes }) => bytes)) };
};

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    joined.set(part, end);
    end += part.length;
  }
  return joined;
}

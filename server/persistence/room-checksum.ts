import { crc32 } from "node:zlib";

/** What a record is, and where: a whole record in the wrong place is as bad as a torn one. */
export interface RecordPlace {
  readonly kind: "tick" | "snapshot";
  /** The number of the room in its file. */
  readonly room: number;
  readonly branch: number;
  readonly tick: number;
}

/**
 * A CRC-32 of a record's place and then of its bytes, in any number of parts. It finds what
 * accidents do: cut ends, zeroed blocks, single bits. Who can write to the file can write
 * a checksum too, so that a slower hash would protect from nobody else.
 */
export function checksumOf(place: RecordPlace, parts: readonly Uint8Array[]): number {
  const { kind, room, branch, tick } = place;
  let checksum = crc32(`${kind} ${room} ${branch} ${tick} `);
  for (const part of parts) checksum = crc32(part, checksum);
  return checksum;
}

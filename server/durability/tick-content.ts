import { Packr, unpack } from "msgpackr";
import { SyncError } from "../../shared/errors.ts";
import type { WirePublication } from "../../shared/protocol/channel-messages.ts";
import type { Identity } from "../../shared/protocol/hello.ts";

/** A request that was applied, so that asking again brings the same answer and no effect. */
export interface SavedIntent {
  readonly userId: string;
  readonly intentId: string;
  /** When it was applied, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly reply: unknown;
}

/** Until when a user waits before the next intent of a name; in the past: not at all. */
export interface SavedCooldown {
  readonly name: string;
  readonly userId: string;
  readonly until: number;
}

/** Somebody's place in the room, which they may come back to. */
export interface SavedSeat {
  readonly sessionId: string;
  readonly user: Identity;
  /** Of the reconnection token: who reads the store cannot take the seat. */
  readonly tokenHash: string;
  /** Whether a client of ours sits here, which always proves who it is. */
  readonly isOurs: boolean;
  /** Whether the user came with a token, and has to come back with one. */
  readonly hasToken: boolean;
  readonly expiresAt: number | undefined;
}

/** What a room published to everybody in it, for those who come back in time. */
export interface SavedMessage extends WirePublication {
  readonly offset: number;
  /** Size of `data`, in UTF-8 bytes. */
  readonly bytes: number;
}

/** Where a room's own publications stand, and those that were added. */
export interface SavedStream {
  readonly epoch: string;
  readonly offset: number;
  readonly messages: readonly SavedMessage[];
}

/** What one tick of a durable room leaves behind. */
export interface TickContent {
  /** The room's own count of its ticks, most of which change nothing and are not saved. */
  readonly tick: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** The game's own version of the state, as its `persistence` said then. */
  readonly version: number;
  /** What happened to the state, as the state's recorder wrote it. */
  readonly state: Uint8Array | undefined;
  readonly intents: readonly SavedIntent[];
  readonly cooldowns: readonly SavedCooldown[];
  readonly seats: readonly SavedSeat[];
  /** Absent: the room published nothing. */
  readonly stream?: SavedStream | undefined;
  /** Sessions that ended for good. */
  readonly goneSeats: readonly string[];
}

/** What a snapshot holds: everything that the ticks before it left, folded into one. */
export type RoomContent = Omit<TickContent, "goneSeats">;

/** Says what the bytes mean: another layout gets another number. */
const LAYOUT = 1;

// Plain maps and arrays: msgpackr's records would tie the bytes to one instance.
const packr = new Packr({ useRecords: false });

export function packContent(content: TickContent | RoomContent): Uint8Array {
  return packr.pack([LAYOUT, content]);
}

/**
 * What `packContent` wrote. The store has verified the bytes already, so what it refuses with
 * `state-incompatible` was written by another version.
 */
export function unpackContent(bytes: Uint8Array): TickContent {
  const [layout, content] = unpack(bytes) as [number, RoomContent & Partial<TickContent>];
  if (layout !== LAYOUT) {
    const text = `the room was saved in layout ${layout}; this version reads ${LAYOUT}`;
    throw new SyncError("state-incompatible", text);
  }
  return { ...content, goneSeats: content.goneSeats ?? [] };
}

/** Bytes that a value takes in a record. */
export function packedSize(value: unknown): number {
  return packr.pack(value).byteLength;
}

/** What one tick of a durable room did. */
export interface JournalEntry {
  roomId: string;
  /** Counts the room's ticks; entries of a room arrive in ascending order. */
  tick: number;
  /** The state's patch without protocol byte; absent when the state did not change. */
  patch: Uint8Array | undefined;
  /** Ids of the intents that this tick applied, each as JSON of user id and intent id. */
  intentIds: readonly string[];
}

/** A whole state of a durable room, as it was right after `tick`. */
export interface RoomSnapshot {
  roomId: string;
  tick: number;
  state: Uint8Array;
}

/**
 * Makes ticks durable. A room's frames wait until `append` has resolved: what a client was
 * told about is what a restart finds.
 *
 * Every implementation keeps these promises (test/contracts/journal-contract.ts):
 * - once `append` has resolved, the entry outlives this process;
 * - a rejected `append` or `saveSnapshot` has left what was saved before as it was;
 * - entries of one room are kept in the order they were appended.
 */
export interface Journal {
  append(entry: JournalEntry): Promise<void>;
  /** Replaces all earlier entries and snapshots of the room. */
  saveSnapshot(snapshot: RoomSnapshot): Promise<void>;
}

import type { Journal, JournalEntry, RoomSnapshot } from "./journal.ts";

/** What one room has in a `MemoryJournal`. */
export interface RoomRecord {
  readonly snapshot: RoomSnapshot | undefined;
  readonly entries: readonly JournalEntry[];
}

/**
 * A journal in this process's memory, for tests: they read what was kept, and delay or fail
 * a commit. It keeps every promise of `Journal` but the one about outliving the process,
 * resolves asynchronously as every journal does, and grows until the room's next snapshot.
 */
export class MemoryJournal implements Journal {
  readonly #records = new Map<string, { snapshot?: RoomSnapshot; entries: JournalEntry[] }>();
  #gate: (what: JournalEntry | RoomSnapshot) => Promise<void> = () => Promise.resolve();

  async append(entry: JournalEntry): Promise<void> {
    await this.#gate(entry);
    this.#record(entry.roomId).entries.push(entry);
  }

  async saveSnapshot(snapshot: RoomSnapshot): Promise<void> {
    await this.#gate(snapshot);
    this.#records.set(snapshot.roomId, { snapshot, entries: [] });
  }

  /** What is kept of a room; empty when nothing is. */
  read(roomId: string): RoomRecord {
    const { snapshot, entries } = this.#record(roomId);
    return { snapshot, entries };
  }

  /** Runs before each write from now on: a test delays a commit or rejects to fail it. */
  intercept(gate: (what: JournalEntry | RoomSnapshot) => Promise<void>): void {
    this.#gate = gate;
  }

  #record(roomId: string): { snapshot?: RoomSnapshot; entries: JournalEntry[] } {
    let record = this.#records.get(roomId);
    if (record === undefined) {
      record = { entries: [] };
      this.#records.set(roomId, record);
    }
    return record;
  }
}

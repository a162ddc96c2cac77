import { compactRecords } from "./compact-records.ts";
import { checkFollows } from "./room-arguments.ts";
import type {
  AuditPosition,
  CompactRoom,
  PlacedAuditEntry,
  RoomHead,
  RoomRecord,
  SavedRoom,
  TickToSave,
} from "./room-store.ts";

export interface AuditBounds {
  readonly maxEntries: number;
  /** Entries from before this time are gone. */
  readonly since: number;
}

/** What is kept of one durable room in memory. */
export class MemoryRoom {
  readonly #head: Omit<RoomHead, "openSeats">;
  #openSeats = 0;
  #snapshot: RoomRecord | undefined;
  #ticks: TickToSave[] = [];
  /** Oldest first. */
  #audit: PlacedAuditEntry[] = [];
  #nextPosition = 1;

  constructor({ roomId, roomName, options }: Omit<RoomHead, "openSeats">) {
    this.#head = { roomId, roomName, options };
  }

  get head(): RoomHead {
    return { ...this.#head, openSeats: this.#openSeats };
  }

  get snapshot(): RoomRecord | undefined {
    return this.#snapshot;
  }

  get ticks(): readonly TickToSave[] {
    return this.#ticks;
  }

  get lastTick(): number {
    return this.#ticks.at(-1)?.tick ?? this.#snapshot?.tick ?? 0;
  }

  save(): SavedRoom {
    const ticks = this.#ticks.map(({ tick, bytes }) => ({ tick, bytes }));
    return { head: this.head, snapshot: this.#snapshot, ticks, isWhole: true };
  }

  append(tick: TickToSave): void {
    checkFollows(this.#head.roomId, this.lastTick, tick);
    this.#ticks.push(tick);
    this.#note(tick);
  }

  replace(snapshot: TickToSave): void {
    this.#snapshot = { tick: snapshot.tick, bytes: snapshot.bytes };
    this.#ticks = [];
    this.#note(snapshot);
  }

  compact(compactRoom: CompactRoom): void {
    if (this.#ticks.length === 0) return;
    const { roomId } = this.#head;
    this.#snapshot = compactRecords(compactRoom, roomId, this.#snapshot, this.save().ticks);
    this.#ticks = [];
  }

  /** Newest first, older than `before`. */
  newestAudit(limit: number, before: AuditPosition, bounds: AuditBounds): PlacedAuditEntry[] {
    this.trimAudit(bounds);
    const older = this.#audit.filter(({ position }) => position < before);
    return older.slice(Math.max(0, older.length - limit)).toReversed();
  }

  trimAudit({ maxEntries, since }: AuditBounds): void {
    this.#audit.splice(0, this.#audit.length - maxEntries);
    if (this.#audit.some(({ at }) => at < since)) {
      this.#audit = this.#audit.filter(({ at }) => at >= since);
    }
  }

  #note({ openSeats, audit }: TickToSave): void {
    this.#openSeats = openSeats;
    for (const entry of audit) {
      this.#audit.push(Object.freeze({ ...entry, position: this.#nextPosition }));
      this.#nextPosition += 1;
    }
  }
}

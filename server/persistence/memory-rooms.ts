import { SyncError } from "../../shared/errors.ts";
import { MAX_AUDIT_ENTRIES, MAX_STORED_AGE_MS } from "../../shared/limits.ts";
import { loadCompactRoom } from "./load-compact-room.ts";
import { MemoryClaims } from "./memory-claims.ts";
import { MemoryRoom, type AuditBounds } from "./memory-room.ts";
import { checkTick, copyRecord, roomExists, roomNotFound } from "./room-arguments.ts";
import type {
  AuditPosition,
  PlacedAuditEntry,
  RoomClaim,
  RoomHead,
  RoomOwner,
  RoomRecord,
  RoomStore,
  SavedRoom,
  TickToSave,
} from "./room-store.ts";
import { checkLimit, checkTexts } from "./store-arguments.ts";
import type { StoreOptions } from "./store-options.ts";

/** A write that a test may delay or fail. */
export interface RoomWrite {
  readonly what:
    | "claim"
    | "renewal"
    | "release"
    | "creation"
    | "tick"
    | "snapshot"
    | "compaction"
    | "deletion";
  readonly roomId: string;
  /** Of a tick or a snapshot; else 0. */
  readonly tick: number;
}

/** What one room has in memory, as a test reads it. */
export interface KeptRoom {
  readonly snapshot: RoomRecord | undefined;
  readonly ticks: readonly TickToSave[];
}

/**
 * Durable rooms in this process's memory: what they hold ends with the process. It keeps
 * every other promise of `RoomStore`, resolves asynchronously as every store does, and lets a
 * test read what is kept, and delay or fail a write. Compaction runs on the main thread.
 */
export class MemoryRooms implements RoomStore {
  readonly #options: Omit<StoreOptions, "logger">;
  readonly #claims: MemoryClaims;
  readonly #rooms = new Map<string, MemoryRoom>();
  /** By room: ends when every write of it so far has; never rejects. */
  readonly #written = new Map<string, Promise<void>>();
  #gate: (write: RoomWrite) => Promise<void> = () => Promise.resolve();
  #isClosed = false;

  constructor(options: Omit<StoreOptions, "logger">) {
    this.#options = options;
    this.#claims = new MemoryClaims(options.clock);
  }

  /** Runs before each write from now on: a test delays one or rejects to fail it. */
  intercept(gate: (write: RoomWrite) => Promise<void>): void {
    this.#gate = gate;
  }

  /** What is kept of a room at this moment; nothing of one that nobody has created. */
  read(roomId: string): KeptRoom {
    const room = this.#rooms.get(roomId);
    return { snapshot: room?.snapshot, ticks: [...(room?.ticks ?? [])] };
  }

  async claimRoom(roomId: string, owner: RoomOwner): Promise<RoomClaim> {
    checkTexts(roomId);
    const claimant = { ...owner };
    return this.#write("claim", roomId, () => this.#claims.claim(roomId, claimant));
  }

  async renewClaim(claim: RoomClaim): Promise<void> {
    await this.#write("renewal", claim.roomId, () => this.#claims.renew(claim));
  }

  async releaseClaim(claim: RoomClaim): Promise<void> {
    await this.#write("release", claim.roomId, () => this.#claims.release(claim));
  }

  async createRoom(claim: RoomClaim, head: Omit<RoomHead, "openSeats">): Promise<void> {
    checkTexts(head.roomName, head.options);
    const room = new MemoryRoom({ ...head, roomId: claim.roomId });
    await this.#write("creation", claim.roomId, () => {
      this.#claims.check(claim);
      if (this.#rooms.has(claim.roomId)) throw roomExists(claim.roomId);
      this.#rooms.set(claim.roomId, room);
    });
  }

  async loadRoom(roomId: string): Promise<SavedRoom | undefined> {
    this.#checkOpen();
    checkTexts(roomId);
    return this.#rooms.get(roomId)?.save();
  }

  async appendTick(claim: RoomClaim, tick: TickToSave): Promise<void> {
    checkTick(tick);
    const saved = Object.freeze(copyRecord(tick));
    const append = (): void => {
      const room = this.#roomOf(claim);
      room.append(saved);
      room.trimAudit(this.#auditBounds);
    };
    await this.#write("tick", claim.roomId, append, tick.tick);
  }

  async saveSnapshot(claim: RoomClaim, snapshot: TickToSave): Promise<void> {
    checkTick(snapshot);
    const saved = copyRecord(snapshot);
    const replace = (): void => {
      const room = this.#roomOf(claim);
      room.replace(saved);
      room.trimAudit(this.#auditBounds);
    };
    await this.#write("snapshot", claim.roomId, replace, snapshot.tick);
  }

  async compactRoom(claim: RoomClaim): Promise<void> {
    this.#checkOpen();
    const compactRoom = await loadCompactRoom(this.#options.compactRoomUrl);
    if (compactRoom === undefined) return;
    await this.#write("compaction", claim.roomId, () => this.#roomOf(claim).compact(compactRoom));
  }

  async deleteRoom(claim: RoomClaim): Promise<void> {
    await this.#write("deletion", claim.roomId, () => {
      this.#claims.check(claim);
      this.#rooms.delete(claim.roomId);
    });
  }

  async listRooms(): Promise<readonly RoomHead[]> {
    this.#checkOpen();
    const heads = [...this.#rooms.values()].map(({ head }) => head);
    return heads.toSorted((a, b) => (a.roomId < b.roomId ? -1 : 1));
  }

  async loadAudit(
    roomId: string,
    limit: number,
    before: AuditPosition = Infinity,
  ): Promise<readonly PlacedAuditEntry[]> {
    this.#checkOpen();
    checkTexts(roomId);
    checkLimit(limit, "entries");
    return this.#rooms.get(roomId)?.newestAudit(limit, before, this.#auditBounds) ?? [];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#written.values());
    this.#rooms.clear();
  }

  /** Runs a write when all of that room before it have ended and the gate lets it through. */
  #write<Result>(
    what: RoomWrite["what"],
    roomId: string,
    write: () => Result,
    tick = 0,
  ): Promise<Result> {
    this.#checkOpen();
    const before = this.#written.get(roomId) ?? Promise.resolve();
    const writing = before.then(() => this.#gate({ what, roomId, tick })).then(write);
    const forget = (): void => {
      if (this.#written.get(roomId) === written) this.#written.delete(roomId);
    };
    const written = writing.then(forget, forget);
    this.#written.set(roomId, written);
    return writing;
  }

  #roomOf(claim: RoomClaim): MemoryRoom {
    this.#claims.check(claim);
    const room = this.#rooms.get(claim.roomId);
    if (room === undefined) throw roomNotFound(claim.roomId);
    return room;
  }

  get #auditBounds(): AuditBounds {
    const { clock, maxAuditEntries, maxAgeMs } = this.#options;
    const since = clock.now() - (maxAgeMs ?? MAX_STORED_AGE_MS);
    return { maxEntries: maxAuditEntries ?? MAX_AUDIT_ENTRIES, since };
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new SyncError("closed", "the store is closed");
  }
}

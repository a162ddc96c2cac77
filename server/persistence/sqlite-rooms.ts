import type { Clock } from "../../shared/clock.ts";
import { MAX_AUDIT_ENTRIES, MAX_STORED_AGE_MS } from "../../shared/limits.ts";
import { checkFollows, checkTick, copyRecord } from "./room-arguments.ts";
import { RoomTables } from "./room-history.ts";
import type {
  AuditPosition,
  PlacedAuditEntry,
  RoomClaim,
  RoomHead,
  RoomOwner,
  RoomStore,
  SavedRoom,
  TickToSave,
} from "./room-store.ts";
import type { SqliteAccess } from "./sqlite-access.ts";
import { SqliteAudit } from "./sqlite-audit.ts";
import { checkLimit, checkTexts } from "./store-arguments.ts";
import type { StoreOptions } from "./store-options.ts";
import type { StoreWorker } from "./store-worker.ts";
import { writeSnapshot } from "./write-snapshot.ts";

/** The durable rooms of a SQLite file. */
export class SqliteRooms implements RoomStore {
  readonly #access: SqliteAccess;
  readonly #path: string;
  readonly #worker: StoreWorker;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #compacts: boolean;
  readonly #tables: RoomTables;
  readonly #audit: SqliteAudit;
  /** By room: ends when its snapshot is written; one is written after the other. */
  readonly #snapshots = new Map<string, Promise<void>>();

  constructor(access: SqliteAccess, path: string, worker: StoreWorker, options: StoreOptions) {
    this.#access = access;
    this.#path = path;
    this.#worker = worker;
    this.#clock = options.clock;
    this.#maxAgeMs = options.maxAgeMs ?? MAX_STORED_AGE_MS;
    this.#compacts = options.compactRoomUrl !== undefined;
    this.#tables = new RoomTables(access.db);
    this.#audit = new SqliteAudit(access.db, options.maxAuditEntries ?? MAX_AUDIT_ENTRIES);
    access.addSweep(() => this.#audit.sweep(this.#expiry()));
    access.addSweep(() => this.#tables.heads.purge());
  }

  async claimRoom(roomId: string, owner: RoomOwner): Promise<RoomClaim> {
    checkTexts(roomId);
    const claimant = { ...owner };
    const claim = await this.#access.write(0, () =>
      this.#tables.heads.claims.claim(roomId, claimant, this.#clock.now()),
    );
    if (claim instanceof Error) throw claim;
    return claim;
  }

  async renewClaim(claim: RoomClaim): Promise<void> {
    const { claims } = this.#tables.heads;
    await this.#access.write(0, () => claims.renew(claim, this.#clock.now()));
  }

  async releaseClaim(claim: RoomClaim): Promise<void> {
    await this.#access.write(0, () => this.#tables.heads.claims.release(claim));
  }

  async createRoom(claim: RoomClaim, head: Omit<RoomHead, "openSeats">): Promise<void> {
    checkTexts(head.roomName, head.options);
    const { roomName, options } = head;
    const { heads } = this.#tables;
    await this.#access.write(options.length, () => heads.create(claim, { roomName, options }));
  }

  async loadRoom(roomId: string): Promise<SavedRoom | undefined> {
    checkTexts(roomId);
    const history = this.#access.read(() => this.#tables.load(roomId));
    if (history === undefined) return undefined;
    const { head, snapshot, ticks, isWhole } = history;
    return { head, snapshot, ticks, isWhole };
  }

  async appendTick(claim: RoomClaim, tick: TickToSave): Promise<void> {
    checkTick(tick);
    const saved = copyRecord(tick);
    await this.#access.write(saved.bytes.length, () => {
      const { heads, ticks } = this.#tables;
      const room = heads.require(claim);
      checkFollows(claim.roomId, room.lastTick, saved);
      heads.advance(room, saved.tick, saved.openSeats);
      ticks.append(room.number, room.branch, saved);
      this.#audit.add(room.number, saved.audit);
    });
  }

  async saveSnapshot(claim: RoomClaim, snapshot: TickToSave): Promise<void> {
    checkTick(snapshot);
    this.#access.checkOpen();
    const saved = copyRecord(snapshot);
    await this.#inTurn(claim.roomId, () => this.#saveSnapshot(claim, saved));
  }

  async compactRoom(claim: RoomClaim): Promise<void> {
    this.#access.checkOpen();
    if (!this.#compacts) return;
    await this.#inTurn(claim.roomId, () => this.#worker.compact(claim));
  }

  async deleteRoom(claim: RoomClaim): Promise<void> {
    const { heads } = this.#tables;
    await this.#access.write(0, () => heads.forget(claim));
    try {
      while (!(await this.#access.write(0, () => heads.purge())));
    } catch {
      // The room is forgotten all the same; what it left behind goes with a later sweep.
    }
  }

  async listRooms(): Promise<readonly RoomHead[]> {
    return this.#access.read(() => this.#tables.heads.list());
  }

  async loadAudit(
    roomId: string,
    limit: number,
    before: AuditPosition = Infinity,
  ): Promise<readonly PlacedAuditEntry[]> {
    checkTexts(roomId);
    checkLimit(limit, "entries");
    return this.#access.read(() => this.#audit.load(roomId, limit, before, this.#expiry()));
  }

  /** Resolves when every snapshot that was begun is done. */
  async settle(): Promise<void> {
    while (this.#snapshots.size > 0) await Promise.all(this.#snapshots.values());
  }

  async #saveSnapshot(claim: RoomClaim, saved: TickToSave): Promise<void> {
    const tables = this.#tables;
    const transact: SqliteAccess["commit"] = (byteLength, work) =>
      this.#access.commit(byteLength, work);
    const [room, previous] = await transact(0, () => {
      const found = tables.heads.require(claim);
      return [found, tables.snapshots.list(found.number)[0]];
    });
    const target = { path: this.#path, tables, transact, claim };
    await writeSnapshot(target, {
      room,
      record: saved,
      previous,
      continues: false,
      onComplete: ({ branch }, current) => {
        tables.heads.advance(current, saved.tick, saved.openSeats, branch);
        this.#audit.add(room.number, saved.audit);
      },
    });
  }

  /** Runs `work` when every snapshot of the room that was begun is done. */
  async #inTurn(roomId: string, work: () => Promise<void>): Promise<void> {
    const before = this.#snapshots.get(roomId) ?? Promise.resolve();
    const working = before.then(work);
    const done = working.catch(() => {});
    this.#snapshots.set(roomId, done);
    try {
      await working;
    } finally {
      if (this.#snapshots.get(roomId) === done) this.#snapshots.delete(roomId);
    }
  }

  /** What is from before this time is gone. */
  #expiry(): number {
    return this.#clock.now() - this.#maxAgeMs;
  }
}

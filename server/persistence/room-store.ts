/** One tick of a durable room, or a whole room as of a tick: bytes that only the room reads. */
export interface RoomRecord {
  /** Counts the room's saved ticks without a gap, from 1; a snapshot has that of its last. */
  readonly tick: number;
  readonly bytes: Uint8Array;
}

/** What is known of a durable room without reading its records. */
export interface RoomHead {
  readonly roomId: string;
  readonly roomName: string;
  /** The join options that the room was created with, as JSON. */
  readonly options: string;
  /** Seats that somebody may come back to; as of the last tick that was saved. */
  readonly openSeats: number;
}

/** A room as it was saved: the snapshot, then what came after it. */
export interface SavedRoom {
  readonly head: RoomHead;
  /** The newest snapshot that can be read whole; undefined: the ticks begin with the first. */
  readonly snapshot: RoomRecord | undefined;
  /** In ascending order. The first that is torn, missing or altered ends the list. */
  readonly ticks: readonly RoomRecord[];
  /**
   * Whether that is all that was saved. When it is not, ticks are refused until the room has
   * been saved whole, with `saveSnapshot`.
   */
  readonly isWhole: boolean;
}

/** Who writes a room. Enough to tell, on the same host, whether that process is gone. */
export interface RoomOwner {
  readonly host: string;
  readonly processId: number;
  /** When that process began, as the host counts it: process ids come again. */
  readonly startedAt: string;
  /** Tells two servers of one process apart. */
  readonly serverId: string;
}

/** The right to write a room: the token grows with every owner, and the newest alone counts. */
export interface RoomClaim {
  readonly roomId: string;
  readonly token: number;
}

/** Something that somebody did in a room, kept so that room code can look it up. */
export interface AuditEntry {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly userId: string;
  readonly name: string;
  /** JSON text. */
  readonly data: string;
}

/** A tick, or a whole room as of a tick, to be saved, with what is kept beside its record. */
export interface TickToSave extends RoomRecord {
  readonly openSeats: number;
  /** What was done since the last record that was saved. */
  readonly audit: readonly AuditEntry[];
}

/** A place in a room's audit log: what is older comes behind it. */
export type AuditPosition = number;

/** An entry of a room's audit log where it stands. */
export interface PlacedAuditEntry extends AuditEntry {
  readonly position: AuditPosition;
}

/**
 * Keeps durable rooms: for each one a snapshot and the ticks since, written by one owner.
 *
 * Every implementation keeps these promises (test/contracts/room-store-contract.ts):
 * - once a write has resolved, it outlives this process where the implementation does, and
 *   every later read sees it; a rejected write has changed nothing;
 * - claims and ticks of a room take effect in the order of the calls;
 * - a tick that is not the one after the last record is refused (`not-allowed`), so that no
 *   room is built on a hole;
 * - what was torn or altered is never handed out: a snapshot that fails its checksum gives
 *   way to the one before it, a tick that does ends the list; a room of which nothing can be
 *   read from its beginning on is refused (`state-malformed`) and left as it is;
 * - a snapshot's predecessor and the ticks since it stay until the new one was read back;
 * - a claim that is not the newest is refused every write (`room-lost`); one whose lease is
 *   over counts until somebody else has the room;
 * - records are kept as they were given, whatever becomes of their bytes afterwards.
 *
 * Leases are told by the clock of the wall, because other processes have to agree on it. One
 * that is set forward lets others in early, one that is set back late, by at most one lease;
 * who lost a room that way is refused like any other.
 */
export interface RoomStore {
  /**
   * Makes `owner` the room's one writer for `ROOM_LEASE_MS`. Refused with `room-claimed` and
   * `retryAfterMs` while a lease holds, the same owner's too, whose room may still be saving;
   * unless that of a process of this host which is gone.
   */
  claimRoom(roomId: string, owner: RoomOwner): Promise<RoomClaim>;
  /** Prolongs the lease; refused with `room-lost` once somebody else has the room. */
  renewClaim(claim: RoomClaim): Promise<void>;
  /** Lets the next owner in at once; nothing when the claim is lost already. */
  releaseClaim(claim: RoomClaim): Promise<void>;
  /** Writes down what a new room is, before its first tick; `not-allowed` when it is there. */
  createRoom(claim: RoomClaim, head: Omit<RoomHead, "openSeats">): Promise<void>;
  loadRoom(roomId: string): Promise<SavedRoom | undefined>;
  /** Refused with `not-found` before `createRoom`. */
  appendTick(claim: RoomClaim, tick: TickToSave): Promise<void>;
  /**
   * Saves the room whole, in place of everything saved before: what a room does whose ticks
   * could not be saved for a while. The next tick follows it. Refused with `not-found` before
   * `createRoom`.
   */
  saveSnapshot(claim: RoomClaim, snapshot: TickToSave): Promise<void>;
  /**
   * Makes a snapshot of the last one and the ticks since, away from the main thread, and
   * drops what it replaces. Resolves when that is done; there may be nothing to do. Refused
   * with `state-malformed`, and nothing dropped, when the room cannot be read whole.
   */
  compactRoom(claim: RoomClaim): Promise<void>;
  /** Forgets the room: its records, its audit log, its head. The claim stays. */
  deleteRoom(claim: RoomClaim): Promise<void>;
  /** Every room that is kept, ordered by id. */
  listRooms(): Promise<readonly RoomHead[]>;
  /** Newest first, older than `before`; bounded in number and, by `at`, in age. */
  loadAudit(
    roomId: string,
    limit: number,
    before?: AuditPosition,
  ): Promise<readonly PlacedAuditEntry[]>;
}

/**
 * Makes one snapshot of a room's last snapshot and the ticks since, as of the last of them.
 * Pure: runs in a worker, out of a module that exports it as `compactRoom`.
 */
export type CompactRoom = (
  snapshot: RoomRecord | undefined,
  ticks: readonly RoomRecord[],
) => RoomRecord;

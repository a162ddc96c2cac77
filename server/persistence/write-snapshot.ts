import { DatabaseSync } from "node:sqlite";
import { SyncError } from "../../shared/errors.ts";
import { MAX_SNAPSHOT_CHUNK_BYTES } from "../../shared/limits.ts";
import { roomNotFound } from "./room-arguments.ts";
import type { RoomTables } from "./room-history.ts";
import type { RoomClaim, RoomRecord } from "./room-store.ts";
import type { RoomPosition } from "./sqlite-room-heads.ts";
import { SqliteSnapshots, type SnapshotRow } from "./sqlite-snapshots.ts";

/** Runs `work` in a transaction of its own, or of a group of writes. */
export type Transact = <Result>(byteLength: number, work: () => Result) => Promise<Result>;

export interface SnapshotTarget {
  /** Of the file; the snapshot is read back through a connection of its own. */
  readonly path: string;
  readonly tables: RoomTables;
  readonly transact: Transact;
  readonly claim: RoomClaim;
}

/** What a snapshot stands for. */
export interface SnapshotPlan {
  readonly room: RoomPosition;
  readonly record: RoomRecord;
  /** The snapshot that stays as a second one; undefined: the ticks from the first on do. */
  readonly previous: SnapshotRow | undefined;
  /** Whether the room's ticks go on; if not, the snapshot begins a history of its own. */
  readonly continues: boolean;
  /** Runs in the transaction that puts the snapshot in force. */
  readonly onComplete: (snapshot: SnapshotRow, room: RoomPosition) => void;
}

/**
 * Writes a snapshot in chunks, each in a transaction of its own, reads it back, puts it in
 * force, and only then drops what nobody needs any more. Whatever stops it before that leaves
 * the room as it was; what it has written by then is dropped here, or with the next snapshot.
 */
export async function writeSnapshot(target: SnapshotTarget, plan: SnapshotPlan): Promise<void> {
  const { tables, transact, path } = target;
  const { record, previous, onComplete } = plan;
  await dropUnfinished(target, plan);
  const snapshot = await transact(0, () => {
    const room = requireSame(target, plan);
    return tables.snapshots.begin(room.number, plan.continues ? room.branch : undefined, record);
  });
  try {
    await writeChunks(target, plan, snapshot);
    if (!isReadBack(path, snapshot)) {
      const text = `the snapshot of room "${target.claim.roomId}" cannot be read back`;
      throw new SyncError("store-unavailable", text);
    }
    await transact(0, () => {
      const room = requireSame(target, plan);
      tables.snapshots.complete(snapshot, previous);
      onComplete(snapshot, room);
    });
  } catch (error) {
    await dropUnfinished(target, plan).catch(leaveToNext);
    throw error;
  }
  await dropUnfinished(target, plan).catch(leaveToNext);
  await dropTicks(target, plan, snapshot).catch(leaveToNext);
}

/** What cannot be dropped is of no harm: the room's next snapshot drops it too. */
function leaveToNext(): void {}

async function writeChunks(
  target: SnapshotTarget,
  plan: SnapshotPlan,
  snapshot: SnapshotRow,
): Promise<void> {
  const { tables, transact } = target;
  const { bytes } = plan.record;
  for (let start = 0, position = 0; start < bytes.length; position += 1) {
    const chunk = bytes.subarray(start, start + MAX_SNAPSHOT_CHUNK_BYTES);
    const at = position;
    await transact(chunk.length, () => {
      requireSame(target, plan);
      tables.snapshots.addChunk(snapshot, at, chunk);
    });
    start += chunk.length;
  }
}

/** Whether the snapshot is in the file as it was meant, seen by who has not written it. */
function isReadBack(path: string, snapshot: SnapshotRow): boolean {
  using db = new DatabaseSync(path, { readOnly: true });
  return new SqliteSnapshots(db).load(snapshot) !== undefined;
}

async function dropUnfinished(target: SnapshotTarget, plan: SnapshotPlan): Promise<void> {
  const { tables, transact } = target;
  const dropSome = (): boolean => {
    requireSame(target, plan);
    return tables.snapshots.dropUnfinished(plan.room.number);
  };
  while (!(await transact(0, dropSome)));
}

/** Ticks stay that follow one of the two snapshots. */
async function dropTicks(
  target: SnapshotTarget,
  plan: SnapshotPlan,
  snapshot: SnapshotRow,
): Promise<void> {
  const { tables, transact } = target;
  const previous = plan.previous ?? { branch: 0, tick: 0 };
  const dropSome = (): boolean => {
    requireSame(target, plan);
    return tables.ticks.dropBut(plan.room.number, snapshot, previous);
  };
  while (!(await transact(0, dropSome)));
}

/** The room, unless the claim is lost, or it is another that was created under its id. */
function requireSame({ tables, claim }: SnapshotTarget, plan: SnapshotPlan): RoomPosition {
  const room = tables.heads.require(claim);
  if (room.number !== plan.room.number) throw roomNotFound(claim.roomId);
  return room;
}

import { Schema } from "@colyseus/schema";
import { SyncError } from "../../shared/errors.ts";
import type { DurableRoom } from "../durability/durable-room.ts";
import { readSavedState } from "../durability/state/read-saved-state.ts";
import { rebuildState, succeedState } from "../durability/state/rebuild-state.ts";

/** Which room a join leads to, and that it is kept. */
export interface Persistence {
  /** One room for each key; from the join options, or one for all. */
  readonly key: string | ((options: never) => string);
  /** Raise it when a saved state means something else than before; default 1. */
  readonly version?: number;
  /**
   * Makes the state out of one that was saved in an older version: plain objects, maps and
   * arrays, as that version's schema had them. Without it such a room is refused
   * (`state-incompatible`) and stays as it is.
   */
  readonly migrate?: (old: never, version: number) => Schema;
}

/** A room whose state can be put in place. */
interface RestorableRoom {
  readonly roomId: string;
  state: unknown;
}

/**
 * Puts the saved state in place, as new objects of the room's own classes. Throws
 * `state-incompatible` when the room cannot take it; nothing is overwritten then.
 */
export function restoreState(
  room: RestorableRoom,
  durable: DurableRoom,
  { version = 1, migrate }: Persistence,
): void {
  const image = durable.restored;
  durable.version = version;
  if (image === undefined) return;
  const { state: saved } = image;
  if (saved.snapshot === undefined && saved.changes.length === 0) return;
  if (room.state === undefined) {
    const text = `room "${room.roomId}" was saved with a state: declare it as a field of the class`;
    throw new SyncError("state-incompatible", text);
  }
  const stateClass = (room.state as Schema).constructor as new () => Schema;
  if (image.version === version) {
    room.state = rebuildState(stateClass, saved);
    return;
  }
  if (migrate === undefined) {
    const text = `room "${room.roomId}" was saved in version ${image.version}, this is ${version}, and there is no migrate()`;
    throw new SyncError("state-incompatible", text);
  }
  const state = migrated(room.roomId, () => migrate(readSavedState(saved) as never, image.version));
  if (!Schema.isSchema(state) || state.constructor !== stateClass) {
    const text = `migrate() of room "${room.roomId}" returned no ${stateClass.name}, the class of its state`;
    throw new SyncError("state-incompatible", text);
  }
  succeedState(state, saved);
  room.state = state;
}

/** What the game's `migrate` makes; whatever it throws, the room stays as it was saved. */
function migrated(roomId: string, migrate: () => unknown): unknown {
  try {
    return migrate();
  } catch (cause) {
    if (cause instanceof SyncError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const text = `migrate() of room "${roomId}" failed: ${reason}`;
    throw new SyncError("state-incompatible", text, { cause });
  }
}

import { SyncRoom } from "../rooms/sync-room.ts";

/**
 * The built-in room that carries channels for clients that are in no game. It has no state
 * and ticks once per turn of the event loop: what a client is told in one turn leaves
 * together, and nothing waits for a clock.
 */
export class HubRoom extends SyncRoom {
  override ticksPerSecond = Infinity;
}

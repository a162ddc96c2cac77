import { MemoryStore } from "../../server/persistence/memory-store.ts";
import type { Clock } from "../../shared/clock.ts";
import { systemClock } from "../../shared/system-clock.ts";

/** A store in memory that outlives the servers which use it, as a file outlives processes. */
export class KeptStore extends MemoryStore {
  constructor(clock: Clock = systemClock) {
    super({ clock });
  }

  override async close(): Promise<void> {
    // The next server opens it again.
  }
}

import { MemoryStore } from "../../server/persistence/memory-store.ts";
import { systemClock } from "../../shared/system-clock.ts";

/** A store in memory, which a test can look into and whose writes it can delay or fail. */
export function memoryStore(): MemoryStore {
  return new MemoryStore({ clock: systemClock });
}

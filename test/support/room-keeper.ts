import { RoomKeeper } from "../../server/durability/room-keeper.ts";
import { silentLogger } from "../../server/logger.ts";
import { describeOwner } from "../../server/persistence/room-owner.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { memoryStore } from "./memory-store.ts";

/** A keeper of rooms that are kept in memory. */
export function roomKeeper(): RoomKeeper {
  const owner = describeOwner("test");
  return new RoomKeeper({
    store: memoryStore().rooms,
    owner,
    clock: systemClock,
    logger: silentLogger,
  });
}

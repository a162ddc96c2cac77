import { silentLogger } from "../../server/logger.ts";
import { describeOwner } from "../../server/persistence/room-owner.ts";
import type { RoomClaim } from "../../server/persistence/room-store.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { SyncError } from "../../shared/errors.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { recordOf } from "./room-records.ts";

// A process that appends ticks to rooms for ever, and prints each once it was told that it is
// saved: `node room-writer-program.ts <file> <rooms> <ticks between compactions>`.
const [, , path = "", rooms = "1", compactEvery = "50"] = process.argv;
const compactRoomUrl = new URL("./joining-compact-room.ts", import.meta.url);
const store = new SqliteStore(path, { clock: systemClock, logger: silentLogger, compactRoomUrl });
const owner = describeOwner("writer");

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function openRoom(roomId: string): Promise<[RoomClaim, next: number]> {
  const claim = await store.rooms.claimRoom(roomId, owner);
  const saved = await store.rooms.loadRoom(roomId);
  if (saved !== undefined) return [claim, lastTickOf(saved) + 1];
  await store.rooms.createRoom(claim, { roomId, roomName: "Board", options: "{}" });
  return [claim, 1];
}

function lastTickOf(saved: {
  snapshot: { tick: number } | undefined;
  ticks: readonly { tick: number }[];
}): number {
  return saved.ticks.at(-1)?.tick ?? saved.snapshot?.tick ?? 0;
}

/** Tries until it succeeds or somebody else has the room. */
async function append(claim: RoomClaim, tick: number): Promise<void> {
  for (;;) {
    try {
      return await store.rooms.appendTick(claim, recordOf(tick));
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== "store-unavailable") throw error;
      say(`failed ${claim.roomId} ${tick}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

async function write(roomId: string): Promise<void> {
  const [claim, first] = await openRoom(roomId);
  for (let tick = first; ; tick += 1) {
    await append(claim, tick);
    say(`saved ${roomId} ${tick}`);
    // Not awaited: ticks go on beside it.
    if (tick % Number(compactEvery) === 0) void store.rooms.compactRoom(claim).catch(() => {});
  }
}

say(`process ${process.pid}`);
for (let index = 0; index < Number(rooms); index += 1) {
  write(`room-${index}`).catch((error: unknown) => {
    say(`refused ${error instanceof SyncError ? error.code : String(error)}`);
  });
}

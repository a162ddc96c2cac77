import { existsSync, writeFileSync } from "node:fs";
import { createServer, silentLogger } from "../../server/index.ts";
import { TEST_GUEST_SECRET } from "../../server/testing/create-test-server.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { ARENA_ADMIN_KEY, arenaRooms } from "./arena-room.ts";

/** A server in a process of its own, which a test kills, stops or ends: see `ArenaServer`. */
const { PORT = "0", STORE = "memory:", CLOCK_AHEAD_MS = "0", BLOCK_FILE = "" } = process.env;
const ahead = Number(CLOCK_AHEAD_MS);
const server = createServer({
  rooms: arenaRooms,
  store: STORE,
  guestSecret: TEST_GUEST_SECRET,
  logger: silentLogger,
  admin: { keys: [ARENA_ADMIN_KEY] },
  clock: { now: () => systemClock.now() + ahead, schedule: systemClock.schedule },
});
process.once("SIGTERM", () => {
  void server.close().then(() => process.exit(0));
});
/** Nothing of this process runs for as long as there is that file, which it makes itself. */
process.on("SIGUSR2", () => {
  writeFileSync(BLOCK_FILE, "");
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (existsSync(BLOCK_FILE)) Atomics.wait(cell, 0, 0, 5);
});
await server.listen(Number(PORT), "127.0.0.1");
process.stdout.write(`listening ${server.port}\n`);

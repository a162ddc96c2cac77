import { createServer, silentLogger } from "../../server/index.ts";
import { TEST_GUEST_SECRET } from "../../server/testing/create-test-server.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { arenaRooms } from "./arena-room.ts";

/** A server in a process of its own, which a test kills, stops or ends: see `ArenaServer`. */
const { PORT = "0", STORE = "memory:", CLOCK_AHEAD_MS = "0" } = process.env;
const ahead = Number(CLOCK_AHEAD_MS);
const server = createServer({
  rooms: arenaRooms,
  store: STORE,
  guestSecret: TEST_GUEST_SECRET,
  logger: silentLogger,
  clock: { now: () => systemClock.now() + ahead, schedule: systemClock.schedule },
});
process.once("SIGTERM", () => {
  void server.close().then(() => process.exit(0));
});
await server.listen(Number(PORT), "127.0.0.1");
process.stdout.write(`listening ${server.port}\n`);

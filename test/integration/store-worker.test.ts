import assert from "node:assert/strict";
import { join } from "node:path";
import { COMPACT_ROOM_URL } from "../contracts/room-store-contract.ts";
import { runCommand } from "../support/run-command.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

/** Compacts a room, does what is asked of it, and says so; nothing else keeps it alive. */
const PROGRAM = `
  const [, store, file, compactRoom, ending] = process.argv;
  const { SqliteStore } = await import(new URL("server/persistence/sqlite-store.ts", store));
  const logger = { info() {}, warn() {}, error() {}, debug() {} };
  const clock = { now: () => Date.now(), schedule: setTimeout };
  const opened = new SqliteStore(file, { clock, logger, compactRoomUrl: new URL(compactRoom) });
  const owner = { host: "h", processId: 1, startedAt: "", serverId: "s" };
  const claim = await opened.rooms.claimRoom("board", owner);
  await opened.rooms.createRoom(claim, { roomId: "board", roomName: "Board", options: "{}" });
  await opened.rooms.appendTick(claim, { tick: 1, bytes: new Uint8Array(9), openSeats: 0, audit: [] });
  await opened.rooms.compactRoom(claim);
  console.log((await opened.rooms.loadRoom("board")).snapshot.tick);
  if (ending === "close") await opened.close();
`;

describe("a process with a StoreWorker", () => {
  const folder = useTemporaryFolder();
  const repository = new URL("../../", import.meta.url).href;

  for (const ending of ["close", "leave open"]) {
    it(`waits for a compaction, and ends by itself (${ending})`, async () => {
      const file = join(folder(), `${ending}.db`);
      const args = [repository, file, COMPACT_ROOM_URL.href, ending];
      const output = await runCommand(
        process.execPath,
        ["--input-type=module", "--eval", PROGRAM, ...args],
        { timeout: 20_000 },
      );
      assert.equal(output, "1\n");
    });
  }
});

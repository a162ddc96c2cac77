/**
 * A program that makes a room in a SQLite file, compacts it, and prints its snapshot's tick;
 * nothing but the compaction keeps it alive. Its arguments: the folder of `server/`, source or
 * built, as a URL and how its files end; the file; the compaction's module; `close` or not.
 */
export const COMPACTION_PROGRAM = `
  const [, folder, ending, file, compactRoom, last] = process.argv;
  const { SqliteStore } = await import(new URL("server/persistence/sqlite-store." + ending, folder));
  const logger = { info() {}, warn() {}, error() {}, debug() {} };
  const clock = { now: () => Date.now(), schedule: setTimeout };
  const opened = new SqliteStore(file, { clock, logger, compactRoomUrl: new URL(compactRoom) });
  const owner = { host: "h", processId: 1, startedAt: "", serverId: "s" };
  const claim = await opened.rooms.claimRoom("board", owner);
  await opened.rooms.createRoom(claim, { roomId: "board", roomName: "Board", options: "{}" });
  await opened.rooms.appendTick(claim, { tick: 1, bytes: new Uint8Array(9), openSeats: 0, audit: [] });
  await opened.rooms.compactRoom(claim);
  console.log((await opened.rooms.loadRoom("board")).snapshot.tick);
  if (last === "close") await opened.close();
`;

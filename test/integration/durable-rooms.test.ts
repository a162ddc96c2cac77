import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { connect, type JoinedRoom, type RealtimeClient, type RoomOf } from "../../client/index.ts";
import type { RealtimeServer } from "../../server/index.ts";
import type { arenaRooms } from "../support/arena-room.ts";
import { ArenaServer } from "../support/arena-server.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

type Server = RealtimeServer<typeof arenaRooms>;
type Arena = JoinedRoom<RoomOf<Server, "arena">>;

/** Comes back at once: in these tests the server is there again when it is missed. */
function connectTo({ url }: { url: string }): RealtimeClient<Server> & Disposable {
  const realtime = connect<Server>(url, { storage: null, random: () => 0 });
  return Object.assign(realtime, { [Symbol.dispose]: () => realtime.disconnect() });
}

describe("a durable room", () => {
  const folder = useTemporaryFolder();
  let file: string;
  beforeEach(() => {
    file = join(folder(), `${randomUUID()}.db`);
  });

  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    it(`goes on after ${signal} with its state, cooldowns, messages and everybody's seat`, async () => {
      await using first = await ArenaServer.start({ file });
      const { port } = first;
      using realtime = connectTo(first);
      const room: Arena = await realtime.join("arena", { name: "main" });
      const { sessionId, state } = room;
      for (let score = 1; score <= 20; score += 1) {
        // oxlint-disable-next-line no-await-in-loop -- each is told before the next
        assert.equal(await room.request("score", 1), score);
      }
      await room.request("wait", null);
      const heard: unknown[] = [];
      room.onMessage("shout", (text) => heard.push(text));
      room.onRecovery((recovery) => heard.push(recovery.recovered));
      await room.request("shout", "before");
      const before = state.toJSON();
      const code = await first.program.stop(signal);
      if (signal === "SIGTERM") assert.equal(code, 0);
      await using second = await ArenaServer.start({ file, port });
      await waitUntil(() => room.isConnected && second.program.isRunning);
      assert.equal(room.sessionId, sessionId);
      assert.equal(room.state, state, "the same state object");
      assert.deepEqual(room.state.toJSON(), before);
      assert.deepEqual(await room.request("events", null), ["restored", "reconnect"]);
      assert.equal(await room.request("score", 1), 21);
      await assert.rejects(room.request("wait", null), { code: "cooldown" });
      await room.request("shout", "after");
      assert.deepEqual(heard, ["before", true, "after"]);
    });
  }

  it("belongs to one process: who was stopped too long writes nothing, and sends everybody on", async () => {
    await using first = await ArenaServer.start({ file });
    using ada = connectTo(first);
    const before: Arena = await ada.join("arena", { name: "main" });
    await before.request("score", 1);
    const codes: number[] = [];
    before.onDrop(() => codes.push(1));
    first.program.signal("SIGSTOP");

    // Its clock says that the lease of the one that stands still has run out.
    await using second = await ArenaServer.start({ file, clockAheadMs: 16_000 });
    using ben = connectTo(second);
    const room: Arena = await ben.join("arena", { name: "main" });
    assert.equal(room.state.total, 1);
    await room.request("score", 5);

    const answer = before.request("score", 1, { timeoutMs: 5_000 }).then(
      () => "applied twice over",
      (error: { code: string }) => error.code,
    );
    first.program.signal("SIGCONT");
    await waitUntil(() => codes.length > 0, { what: "the first server to send its client on" });
    ada.disconnect();
    assert.notEqual(await answer, "applied twice over");
    await room.request("score", 1);
    assert.equal(room.state.total, 7);
  });
});

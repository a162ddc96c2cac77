import assert from "node:assert/strict";
import { join } from "node:path";
import { matchMaker } from "@colyseus/core";
import { connect, type JoinedRoom, type RealtimeClient, type RoomOf } from "../../client/index.ts";
import { CloseCode, type RealtimeServer } from "../../server/index.ts";
import { ROOM_LEASE_MS } from "../../shared/limits.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { arenaRooms } from "../support/arena-room.ts";
import { ArenaServer } from "../support/arena-server.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

type Server = RealtimeServer<typeof arenaRooms>;
type Arena = JoinedRoom<RoomOf<Server, "arena">>;

/** A client whose balancer sends new connections to any server, and the codes it was closed with. */
class Balanced implements Disposable {
  readonly codes: number[] = [];
  readonly realtime: RealtimeClient<Server>;
  port: number;

  constructor(port: number) {
    this.port = port;
    const toServer = (url: string): string => Object.assign(new URL(url), { port: this.port }).href;
    this.realtime = connect<Server>("ws://127.0.0.1:1", {
      storage: null,
      random: () => 0,
      fetch: (input, init) => fetch(toServer(input as string), init),
      webSocket: (url, protocols) => {
        const socket = new WebSocket(toServer(url), protocols);
        socket.addEventListener("close", ({ code }) => this.codes.push(code));
        return socket;
      },
    });
  }

  [Symbol.dispose](): void {
    this.realtime.disconnect();
  }
}

describe("a durable room whose process is blocked for longer than its lease", () => {
  const folder = useTemporaryFolder();

  it("goes on in another process, with those that the blocked one then sends there", async () => {
    const file = join(folder(), "rooms.db");
    await using blocked = await ArenaServer.start({ file });
    using ada = new Balanced(blocked.port);
    const room: Arena = await ada.realtime.join("arena", { name: "main" });
    const { sessionId } = room;
    assert.equal(await room.request("score", 1), 1);
    assert.deepEqual(await blocked.listRooms(), ["main"]);
    await blocked.block();
    const asked = room.request("score", 2);

    let aheadMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    const store = `sqlite:${file}`;
    await using other = await startTestServer({ rooms: arenaRooms, store, clock });
    // It has to wait for the lease, and then no longer.
    const { sync } = await other.reserveSeat("arena", { name: "main" });
    assert.equal(sync?.code, "room-claimed");
    assert.ok(sync.retryAfterMs! > 0 && sync.retryAfterMs! <= ROOM_LEASE_MS);
    aheadMs = ROOM_LEASE_MS;
    using ben = new Balanced(other.server.port);
    const taken: Arena = await ben.realtime.join("arena", { name: "main" });
    assert.equal(taken.state.total, 1);
    await taken.request("score", 5);

    ada.port = ben.port;
    await blocked.unblock();
    assert.equal(await asked, 3, "what was asked during the block is done once, at the other");
    assert.deepEqual(ada.codes, [CloseCode.REJOIN]);
    assert.equal(room.sessionId, sessionId);
    await waitUntil(() => taken.state.total === 8);
    assert.deepEqual(room.state.toJSON(), taken.state.toJSON());

    await waitUntil(async () => (await blocked.listRooms()).length === 0);
    const listed = await matchMaker.query({ name: "arena" });
    assert.deepEqual(
      listed.map(({ roomId, clients }) => ({ roomId, clients })),
      [{ roomId: "main", clients: 2 }],
    );
  });
});

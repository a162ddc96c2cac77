import assert from "node:assert/strict";
import type { DurableRoom } from "../../../../server/durability/durable-room.ts";
import { RoomKeeper } from "../../../../server/durability/room-keeper.ts";
import { silentLogger } from "../../../../server/logger.ts";
import { MemoryStore } from "../../../../server/persistence/memory-store.ts";
import { describeOwner } from "../../../../server/persistence/room-owner.ts";
import { ROOM_LEASE_MS } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const HEAD = { roomId: "board", roomName: "board", options: "{}" };

/** Two servers on one store. */
class Cluster {
  readonly clock = new FakeClock();
  readonly store = new MemoryStore({ clock: this.clock });
  readonly first = this.#keeper("first");
  readonly second = this.#keeper("second");

  #keeper(serverId: string): RoomKeeper {
    const { clock, store } = this;
    const owner = describeOwner(serverId);
    return new RoomKeeper({ store: store.rooms, owner, clock, logger: silentLogger });
  }

  /** Opens the room as a server does; returns the store's side of it. */
  async open(keeper: RoomKeeper): Promise<DurableRoom> {
    return keeper.open(HEAD, async () => keeper.take(HEAD.roomId)!);
  }
}

describe("RoomKeeper", () => {
  it("has what was saved ready while the room is made, and only then", async () => {
    const { first } = new Cluster();
    assert.equal(first.take("board"), undefined);
    await first.open(HEAD, async () => assert.equal(first.take("board")?.restored, undefined));
    assert.equal(first.take("board"), undefined);
  });

  it("refuses a room that another server has, and says when to ask again", async () => {
    const cluster = new Cluster();
    await cluster.open(cluster.first);
    await assert.rejects(cluster.open(cluster.second), {
      code: "room-claimed",
      retryAfterMs: ROOM_LEASE_MS,
    });
  });

  it("keeps a room for as long as it is open", async () => {
    const cluster = new Cluster();
    const durable = await cluster.open(cluster.first);
    await cluster.clock.advance(10 * ROOM_LEASE_MS);
    await assert.rejects(cluster.open(cluster.second), { code: "room-claimed" });
    await durable.close();
    const taken = await cluster.open(cluster.second);
    assert.notEqual(taken.restored, undefined);
    await taken.close();
    assert.equal(cluster.clock.pendingTimers, 0, "nobody renews what nobody has");
  });

  it("waits for a room that closes here before it opens it again", async () => {
    const cluster = new Cluster();
    const closing = await cluster.open(cluster.first);
    const opening = cluster.open(cluster.first);
    await closing.close();
    assert.notEqual((await opening).restored, undefined);
  });

  it("leaves nothing of a new room that could not be made", async () => {
    const cluster = new Cluster();
    const failing = cluster.first.open(HEAD, () => Promise.reject(new Error("onCreate")));
    await assert.rejects(failing, /onCreate/);
    assert.deepEqual(await cluster.store.rooms.listRooms(), []);
    assert.equal((await cluster.open(cluster.second)).restored, undefined);
  });

  it("leaves a kept room as it was when it cannot be made again", async () => {
    const cluster = new Cluster();
    const durable = await cluster.open(cluster.first);
    durable.noteCooldown({ name: "x", userId: "ada", until: 5 });
    await durable.append(durable.takeTick({ tick: 1, at: 1 }, undefined)!);
    await durable.close();
    await assert.rejects(cluster.first.open(HEAD, () => Promise.reject(new Error("migrate"))));
    assert.equal((await cluster.open(cluster.second)).restored?.cooldowns.length, 1);
  });

  it("lists the rooms that somebody may come back to", async () => {
    const cluster = new Cluster();
    const durable = await cluster.open(cluster.first);
    assert.deepEqual(await cluster.first.roomsWithSeats(), []);
    durable.noteSeat({
      sessionId: "s",
      user: { id: "ada", name: "Ada" },
      tokenHash: "h",
      isOurs: true,
      hasToken: false,
      expiresAt: undefined,
    });
    await durable.append(durable.takeTick({ tick: 1, at: 1 }, undefined)!);
    const heads = await cluster.second.roomsWithSeats();
    assert.deepEqual(heads, [{ ...HEAD, openSeats: 1 }]);
  });
});

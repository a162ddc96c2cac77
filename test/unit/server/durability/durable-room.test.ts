import assert from "node:assert/strict";
import { DurableRoom } from "../../../../server/durability/durable-room.ts";
import { RoomImage } from "../../../../server/durability/room-image.ts";
import { silentLogger } from "../../../../server/logger.ts";
import { MemoryStore } from "../../../../server/persistence/memory-store.ts";
import { describeOwner } from "../../../../server/persistence/room-owner.ts";
import { ROOM_LEASE_MS } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const AT = { tick: 7, at: 1_000_000 };

/** A room in a store of its own, and what is kept of it. */
class Kept {
  readonly clock = new FakeClock();
  readonly store = new MemoryStore({ clock: this.clock });

  async open(): Promise<DurableRoom> {
    const { rooms } = this.store;
    const claim = await rooms.claimRoom("board", describeOwner("a"));
    const saved = await rooms.loadRoom("board");
    const head = { roomId: "board", roomName: "board", options: "{}" };
    if (saved === undefined) await rooms.createRoom(claim, head);
    return new DurableRoom({
      store: rooms,
      claim,
      image: saved && RoomImage.read(saved),
      logger: silentLogger,
      onClosed: () => {},
    });
  }

  async read(): Promise<RoomImage> {
    const saved = await this.store.rooms.loadRoom("board");
    return RoomImage.read(saved!);
  }
}

const INTENT = { userId: "ada", intentId: "i-1", at: AT.at, reply: "done" };

describe("DurableRoom", () => {
  it("leaves nothing of a tick in which nothing happened", async () => {
    const durable = await new Kept().open();
    assert.equal(durable.takeTick(AT, undefined), undefined);
  });

  it("saves what was noted with the tick in which it was, once", async () => {
    const kept = new Kept();
    const durable = await kept.open();
    durable.noteIntent(INTENT);
    await durable.append(durable.takeTick(AT, undefined)!);
    assert.equal(durable.takeTick(AT, undefined), undefined);
    assert.deepEqual((await kept.read()).intents, [INTENT]);
  });

  it("does not keep a reply of more than 1 KiB, but that the intent was applied", async () => {
    const kept = new Kept();
    const durable = await kept.open();
    durable.noteIntent({ ...INTENT, reply: "x".repeat(1_022) });
    durable.noteIntent({ ...INTENT, intentId: "i-2", reply: "x".repeat(1_021) });
    await durable.append(durable.takeTick(AT, undefined)!);
    const replies = (await kept.read()).intents.map(({ reply }) => (reply as string)?.length);
    assert.deepEqual(replies, [undefined, 1_021]);
  });

  it("goes on in the next process where it was", async () => {
    const kept = new Kept();
    const first = await kept.open();
    first.noteIntent(INTENT);
    await first.append(first.takeTick(AT, Uint8Array.of(1))!);
    await first.close();
    const second = await kept.open();
    assert.deepEqual(second.restored?.intents, [INTENT]);
    assert.deepEqual(
      second.restored?.state.changes.map((bytes) => [...bytes]),
      [[1]],
    );
    second.noteIntent({ ...INTENT, intentId: "i-2" });
    await second.append(second.takeTick(AT, undefined)!);
    assert.equal((await kept.read()).intents.length, 2);
  });

  it("puts the audit of ticks that were not saved into the snapshot that stands for them", async () => {
    const kept = new Kept();
    const durable = await kept.open();
    kept.store.rooms.intercept(() => Promise.reject(new Error("disk full")));
    durable.noteAudit({ at: kept.clock.now(), userId: "ada", name: "place", data: "1" });
    await assert.rejects(durable.append(durable.takeTick(AT, Uint8Array.of(1))!));
    kept.store.rooms.intercept(() => Promise.resolve());
    const remembered = { intents: [], cooldowns: [], messages: [] };
    await durable.saveSnapshot(durable.takeSnapshot(AT, Uint8Array.of(2), remembered));
    durable.noteAudit({ at: kept.clock.now(), userId: "ada", name: "place", data: "2" });
    await durable.append(durable.takeTick(AT, undefined)!);
    const audit = await durable.readAudit(10);
    assert.deepEqual(
      audit.map(({ data }) => data),
      ["2", "1"],
    );
  });

  it("is frozen, and says so once, when somebody else has the room", async () => {
    const kept = new Kept();
    const durable = await kept.open();
    let losses = 0;
    durable.watchLoss(() => (losses += 1));
    await kept.clock.advance(ROOM_LEASE_MS + 1);
    await kept.store.rooms.claimRoom("board", describeOwner("b"));
    durable.noteIntent(INTENT);
    const tick = durable.takeTick(AT, undefined)!;
    await assert.rejects(durable.append(tick), { code: "room-lost" });
    await assert.rejects(durable.append(tick), { code: "room-lost" });
    assert.deepEqual([losses, durable.isFrozen], [1, true]);
    durable.noteIntent(INTENT);
    assert.equal(durable.takeTick(AT, undefined), undefined);
  });

  it("compacts after a thousand records", async () => {
    const kept = new Kept();
    const durable = await kept.open();
    const writes: string[] = [];
    kept.store.rooms.intercept(async ({ what }) => void writes.push(what));
    let compactions = 0;
    kept.store.rooms.compactRoom = async () => void (compactions += 1);
    for (let tick = 1; tick <= 2_500; tick += 1) {
      durable.noteCooldown({ name: "x", userId: "ada", until: tick });
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as ticks are
      await durable.append(durable.takeTick(AT, undefined)!);
    }
    assert.equal(compactions, 2);
  });
});

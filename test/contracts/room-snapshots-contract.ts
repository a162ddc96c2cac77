import assert from "node:assert/strict";
import type { RoomStore } from "../../server/persistence/room-store.ts";
import { MAX_SNAPSHOT_CHUNK_BYTES } from "../../shared/limits.ts";
import { joinBytes, POISON } from "../support/joining-compact-room.ts";
import {
  NOW,
  appendTicks,
  auditOf,
  manyBytes,
  openRoom,
  recordOf,
  ticksOf,
} from "../support/room-records.ts";
import type { RoomStoreUnderTest } from "./room-store-contract.ts";

/** What `RoomStore` promises about snapshots, as part of its contract. */
export function roomSnapshotsContract(current: () => RoomStoreUnderTest): void {
  let tested: RoomStoreUnderTest;
  let rooms: RoomStore;
  beforeEach(() => {
    tested = current();
    rooms = tested.rooms;
  });

  describe("saveSnapshot", () => {
    it("replaces everything that was saved before, and ticks go on behind it", async () => {
      const claim = await openRoom(rooms);
      await appendTicks(rooms, claim, 1, 3);
      await rooms.saveSnapshot(claim, recordOf(7, { openSeats: 4 }));
      const saved = await rooms.loadRoom("board");
      assert.deepEqual(saved?.snapshot, { tick: 7, bytes: Uint8Array.of(7, 255, 0) });
      assert.deepEqual([saved?.ticks, saved?.head.openSeats, saved?.isWhole], [[], 4, true]);
      await assert.rejects(rooms.appendTick(claim, recordOf(4)), { code: "not-allowed" });
      await rooms.appendTick(claim, recordOf(8));
      assert.deepEqual(await ticksOf(rooms), [7, 8]);
      await rooms.saveSnapshot(claim, recordOf(8));
      assert.deepEqual(await ticksOf(rooms), [8]);
    });

    it("may be the first record, and may go back", async () => {
      const claim = await openRoom(rooms);
      await rooms.saveSnapshot(claim, recordOf(5));
      await appendTicks(rooms, claim, 6, 9);
      await rooms.saveSnapshot(claim, recordOf(6));
      assert.deepEqual(await ticksOf(rooms), [6]);
      await rooms.appendTick(claim, recordOf(7));
      assert.deepEqual(await ticksOf(rooms), [6, 7]);
    });

    it("keeps what was done, beside what was done before", async () => {
      const claim = await openRoom(rooms);
      await rooms.appendTick(claim, recordOf(1, { audit: [auditOf(1)] }));
      await rooms.saveSnapshot(claim, recordOf(3, { audit: [auditOf(2), auditOf(3)] }));
      assert.deepEqual(
        (await rooms.loadAudit("board", 10)).map(({ at }) => at - NOW),
        [3, 2, 1],
      );
    });

    for (const length of [
      0,
      1,
      MAX_SNAPSHOT_CHUNK_BYTES,
      MAX_SNAPSHOT_CHUNK_BYTES + 1,
      3 * MAX_SNAPSHOT_CHUNK_BYTES - 1,
    ]) {
      it(`keeps ${length} bytes as they were given`, async () => {
        const claim = await openRoom(rooms);
        const bytes = manyBytes(length);
        const saving = rooms.saveSnapshot(claim, recordOf(2, { bytes }));
        const given = Uint8Array.from(bytes);
        bytes.fill(0);
        await saving;
        assert.deepEqual((await rooms.loadRoom("board"))?.snapshot, { tick: 2, bytes: given });
      });
    }

    it("lets ticks of other rooms come between", async () => {
      const [large, small] = [await openRoom(rooms, "large"), await openRoom(rooms, "small")];
      const bytes = manyBytes(8 * MAX_SNAPSHOT_CHUNK_BYTES);
      const order: string[] = [];
      await Promise.all([
        rooms.saveSnapshot(large, recordOf(1, { bytes })).then(() => order.push("large")),
        rooms.appendTick(small, recordOf(1)).then(() => order.push("small")),
      ]);
      assert.deepEqual(order.toSorted(), ["large", "small"]);
      assert.deepEqual((await rooms.loadRoom("large"))?.snapshot?.bytes, bytes);
      assert.deepEqual(await ticksOf(rooms, "small"), [undefined, 1]);
    });

    it("that failed leaves what was saved as it was", async () => {
      const claim = await openRoom(rooms);
      await rooms.saveSnapshot(claim, recordOf(1));
      await rooms.appendTick(claim, recordOf(2, { openSeats: 1 }));
      tested.failWrites(true);
      await assert.rejects(rooms.saveSnapshot(claim, recordOf(5, { openSeats: 3 })));
      tested.failWrites(false);
      assert.deepEqual(await ticksOf(rooms), [1, 2]);
      assert.equal((await rooms.loadRoom("board"))?.head.openSeats, 1);
      await rooms.appendTick(claim, recordOf(3));
      await rooms.saveSnapshot(claim, recordOf(5));
      assert.deepEqual(await ticksOf(rooms), [5]);
    });
  });

  describe("compactRoom", () => {
    it("makes one snapshot of the ticks", async () => {
      const claim = await openRoom(rooms);
      await appendTicks(rooms, claim, 1, 3);
      await rooms.compactRoom(claim);
      assert.deepEqual((await rooms.loadRoom("board"))?.snapshot, {
        tick: 3,
        bytes: Uint8Array.of(1, 255, 0, 2, 255, 0, 3, 255, 0),
      });
      assert.deepEqual(await ticksOf(rooms), [3]);
    });

    it("makes one snapshot of the last one and the ticks since, again and again", async () => {
      const claim = await openRoom(rooms);
      const bytes = manyBytes(2 * MAX_SNAPSHOT_CHUNK_BYTES);
      await rooms.saveSnapshot(claim, recordOf(1, { bytes, openSeats: 2 }));
      for (const tick of [2, 3, 4]) {
        await rooms.appendTick(claim, recordOf(tick, { openSeats: tick, audit: [auditOf(tick)] }));
        await rooms.compactRoom(claim);
        assert.deepEqual(await ticksOf(rooms), [tick]);
      }
      const saved = await rooms.loadRoom("board");
      const ticks = [2, 3, 4].map((tick) => recordOf(tick).bytes);
      assert.deepEqual(saved?.snapshot?.bytes, joinBytes([bytes, ...ticks]));
      assert.equal(saved?.head.openSeats, 4);
      assert.equal((await rooms.loadAudit("board", 10)).length, 3);
    });

    it("does nothing where no tick was saved since the last snapshot", async () => {
      const claim = await openRoom(rooms);
      await rooms.compactRoom(claim);
      assert.deepEqual(await ticksOf(rooms), [undefined]);
      await rooms.saveSnapshot(claim, recordOf(2));
      await rooms.compactRoom(claim);
      assert.deepEqual(await ticksOf(rooms), [2]);
    });

    it("loses no tick that is saved meanwhile", async () => {
      const claim = await openRoom(rooms);
      await appendTicks(rooms, claim, 1, 20);
      const compacting = { isDone: false };
      const done = rooms.compactRoom(claim).finally(() => (compacting.isDone = true));
      let tick = 20;
      while (!compacting.isDone) {
        tick += 1;
        await rooms.appendTick(claim, recordOf(tick));
      }
      await done;
      const saved = (await rooms.loadRoom("board"))!;
      const records = [saved.snapshot!, ...saved.ticks].map(({ bytes }) => bytes);
      const expected = Array.from({ length: tick }, (_, index) => recordOf(index + 1).bytes);
      assert.deepEqual(joinBytes(records), joinBytes(expected));
      assert.equal(saved.isWhole, true);
    });

    it("can be asked for twice at once, and while the room is saved whole", async () => {
      const claim = await openRoom(rooms);
      await appendTicks(rooms, claim, 1, 5);
      const bytes = manyBytes(2 * MAX_SNAPSHOT_CHUNK_BYTES);
      await Promise.all([
        rooms.compactRoom(claim),
        rooms.compactRoom(claim),
        rooms.saveSnapshot(claim, recordOf(6, { bytes })),
        rooms.compactRoom(claim),
      ]);
      assert.deepEqual((await rooms.loadRoom("board"))?.snapshot, { tick: 6, bytes });
      await rooms.appendTick(claim, recordOf(7));
      assert.deepEqual(await ticksOf(rooms), [6, 7]);
    });

    it("that fails drops nothing", async () => {
      const claim = await openRoom(rooms);
      await appendTicks(rooms, claim, 1, 2);
      await rooms.appendTick(claim, recordOf(3, { bytes: Uint8Array.of(POISON) }));
      await assert.rejects(rooms.compactRoom(claim), {
        code: "state-malformed",
        message: 'room "board" cannot be compacted: Error: poisoned',
      });
      assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2, 3]);
      await rooms.appendTick(claim, recordOf(4));
    });

    it("whose writes fail drops nothing, and succeeds later", async () => {
      const claim = await openRoom(rooms);
      await appendTicks(rooms, claim, 1, 2);
      tested.failWrites(true);
      await assert.rejects(rooms.compactRoom(claim));
      tested.failWrites(false);
      assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2]);
      await rooms.compactRoom(claim);
      assert.deepEqual(await ticksOf(rooms), [2]);
    });
  });
}

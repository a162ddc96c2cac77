import assert from "node:assert/strict";
import { describeOwner } from "../../server/persistence/room-owner.ts";
import type { RoomOwner, RoomStore } from "../../server/persistence/room-store.ts";
import { ROOM_LEASE_MS } from "../../shared/limits.ts";
import { appendTicks, openRoom, recordOf, ticksOf } from "../support/room-records.ts";
import type { RoomStoreUnderTest, WallTime } from "./room-store-contract.ts";

/** What `RoomStore` promises about claims, as part of its contract. */
export function roomClaimsContract(current: () => RoomStoreUnderTest, wall: () => WallTime): void {
  let tested: RoomStoreUnderTest;
  let rooms: RoomStore;
  let time: WallTime;
  beforeEach(() => {
    tested = current();
    rooms = tested.rooms;
    time = wall();
  });

  describe("a claim", () => {
    const mine = describeOwner("server-1");
    const other = describeOwner("server-2");
    /** Of another machine, where nobody here can say who is gone. */
    const remote: RoomOwner = { ...other, host: "elsewhere" };
    const gone: RoomOwner = { ...other, startedAt: "long ago" };

    const refused = (retryAfterMs: number): object => ({
      code: "room-claimed",
      message: 'room "board" belongs to another server',
      retryAfterMs,
    });

    it("keeps others out until its lease ends, and says when that is", async () => {
      await rooms.claimRoom("board", mine);
      time.advance(4_000);
      await assert.rejects(rooms.claimRoom("board", other), refused(ROOM_LEASE_MS - 4_000));
      await assert.rejects(rooms.claimRoom("board", mine), refused(ROOM_LEASE_MS - 4_000));
      time.advance(ROOM_LEASE_MS - 4_001);
      await assert.rejects(rooms.claimRoom("board", remote), refused(1));
      time.advance(1);
      await rooms.claimRoom("board", remote);
    });

    it("keeps nobody out of other rooms", async () => {
      await rooms.claimRoom("board", mine);
      await rooms.claimRoom("Board", other);
    });

    it("is made by one of many who ask at once", async () => {
      const asked = Array.from({ length: 10 }, (_, index) =>
        rooms.claimRoom("board", describeOwner(`server-${index}`)),
      );
      const settled = await Promise.allSettled(asked);
      const made = settled.filter(({ status }) => status === "fulfilled");
      assert.equal(made.length, 1);
    });

    it("has a token larger than every earlier one, also of a room deleted meanwhile", async () => {
      const tokens: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        const claim = await openRoom(rooms);
        tokens.push(claim.token);
        await rooms.deleteRoom(claim);
        await rooms.releaseClaim(claim);
      }
      assert.deepEqual(
        tokens,
        [...new Set(tokens)].toSorted((a, b) => a - b),
      );
    });

    it("lasts as long as it is renewed", async () => {
      const claim = await openRoom(rooms);
      for (let round = 0; round < 5; round += 1) {
        time.advance(ROOM_LEASE_MS - 1);
        await rooms.renewClaim(claim);
      }
      await assert.rejects(rooms.claimRoom("board", other), refused(ROOM_LEASE_MS));
      await rooms.appendTick(claim, recordOf(1));
    });

    it("whose lease is over still counts while nobody else has the room", async () => {
      const claim = await openRoom(rooms);
      time.advance(10 * ROOM_LEASE_MS);
      await rooms.appendTick(claim, recordOf(1));
      await rooms.renewClaim(claim);
      await assert.rejects(rooms.claimRoom("board", other), refused(ROOM_LEASE_MS));
    });

    it("lets the next owner in at once when it is released", async () => {
      const claim = await rooms.claimRoom("board", mine);
      await rooms.releaseClaim(claim);
      await rooms.claimRoom("board", other);
      await rooms.releaseClaim(claim);
      await assert.rejects(rooms.claimRoom("board", mine), refused(ROOM_LEASE_MS));
    });

    it("of a process of this host that is gone keeps nobody out", async () => {
      await rooms.claimRoom("board", gone);
      const claim = await rooms.claimRoom("board", mine);
      await rooms.renewClaim(claim);
    });

    it("of another host keeps others out, whatever is true of that process here", async () => {
      await rooms.claimRoom("board", { ...gone, host: "elsewhere" });
      await assert.rejects(rooms.claimRoom("board", mine), refused(ROOM_LEASE_MS));
    });

    it("is refused every write once somebody else has the room", async () => {
      const claim = await openRoom(rooms);
      await appendTicks(rooms, claim, 1, 2);
      time.advance(ROOM_LEASE_MS);
      const next = await rooms.claimRoom("board", other);
      const writes = [
        () => rooms.renewClaim(claim),
        () => rooms.appendTick(claim, recordOf(3)),
        () => rooms.saveSnapshot(claim, recordOf(3)),
        () => rooms.compactRoom(claim),
        () => rooms.deleteRoom(claim),
        () => rooms.createRoom(claim, { roomId: "board", roomName: "Board", options: "{}" }),
      ];
      const lost = { code: "room-lost", message: 'room "board" was claimed by somebody else' };
      for (const write of writes) await assert.rejects(write(), lost);
      await rooms.releaseClaim(claim);
      await rooms.appendTick(next, recordOf(3));
      assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2, 3]);
      await rooms.releaseClaim(next);
      for (const write of writes) await assert.rejects(write(), lost);
    });

    it("that another process takes fails the rest of what was under way, not what is done", async () => {
      const claim = await openRoom(rooms);
      time.advance(ROOM_LEASE_MS);
      const writes = await Promise.allSettled([
        rooms.appendTick(claim, recordOf(1)),
        rooms.claimRoom("board", other),
        rooms.appendTick(claim, recordOf(2)),
      ]);
      assert.deepEqual(
        writes.map(({ status }) => status),
        ["fulfilled", "fulfilled", "rejected"],
      );
      assert.deepEqual(await ticksOf(rooms), [undefined, 1]);
    });

    it("ends late by one lease at most when the clock is set back", async () => {
      const claim = await rooms.claimRoom("board", remote);
      time.setBack(3_600_000);
      await assert.rejects(rooms.claimRoom("board", mine), refused(ROOM_LEASE_MS));
      time.advance(ROOM_LEASE_MS - 1);
      await assert.rejects(rooms.claimRoom("board", mine), refused(1));
      await rooms.renewClaim(claim);
      time.advance(ROOM_LEASE_MS - 1);
      await assert.rejects(rooms.claimRoom("board", mine), refused(1));
      time.advance(1);
      await rooms.claimRoom("board", mine);
      await assert.rejects(rooms.renewClaim(claim), { code: "room-lost" });
    });

    it("ends early when the clock is set forward, and who had the room is told", async () => {
      const claim = await openRoom(rooms);
      time.advance(3_600_000);
      await rooms.claimRoom("board", other);
      await assert.rejects(rooms.appendTick(claim, recordOf(1)), { code: "room-lost" });
    });

    it("that failed leaves the room to who asks next", async () => {
      tested.failWrites(true);
      await assert.rejects(rooms.claimRoom("board", mine));
      tested.failWrites(false);
      await rooms.claimRoom("board", other);
    });
  });
}

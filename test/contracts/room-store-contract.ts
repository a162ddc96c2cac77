import assert from "node:assert/strict";
import { silentLogger } from "../../server/logger.ts";
import { describeOwner } from "../../server/persistence/room-owner.ts";
import type { RoomStore, SavedRoom } from "../../server/persistence/room-store.ts";
import type { StoreOptions } from "../../server/persistence/store-options.ts";
import type { Clock } from "../../shared/clock.ts";
import { systemClock } from "../../shared/system-clock.ts";
import {
  appendTicks,
  auditOf,
  manyBytes,
  NOW,
  openRoom,
  recordOf,
  ticksOf,
} from "../support/room-records.ts";
import { roomClaimsContract } from "./room-claims-contract.ts";
import { roomSnapshotsContract } from "./room-snapshots-contract.ts";

/** One store of rooms under test, and what the contract needs to act on it from outside. */
export interface RoomStoreUnderTest {
  readonly rooms: RoomStore;
  /** Makes every write from now on fail, or succeed again. */
  failWrites(isFailing: boolean): void;
  close(): Promise<void>;
}

export const COMPACT_ROOM_URL = new URL("../support/joining-compact-room.ts", import.meta.url);
const MAX_ENTRIES = 10;
const MAX_AGE_MS = 60_000;

/** The time of the wall, which somebody may set; timers are real, as threads are. */
export class WallTime implements Clock {
  #now = NOW;

  now(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    return systemClock.schedule(delayMs, callback);
  }

  advance(durationMs: number): void {
    this.#now += durationMs;
  }

  setBack(durationMs: number): void {
    this.#now -= durationMs;
  }
}

/** The promises of `RoomStore`, for every implementation. Call it inside a `describe`. */
export function roomStoreContract(
  open: (options: StoreOptions) => RoomStoreUnderTest | Promise<RoomStoreUnderTest>,
): void {
  let tested: RoomStoreUnderTest;
  let rooms: RoomStore;
  let clock: WallTime;

  beforeEach(async () => {
    clock = new WallTime();
    const bounds = { maxAuditEntries: MAX_ENTRIES, maxAgeMs: MAX_AGE_MS };
    const compactRoomUrl = COMPACT_ROOM_URL;
    tested = await open({ clock, logger: silentLogger, compactRoomUrl, ...bounds });
    rooms = tested.rooms;
  });
  afterEach(() => tested.close());

  describe("a room", () => {
    it("is nothing before it is created", async () => {
      const claim = await rooms.claimRoom("board", describeOwner("server-1"));
      assert.equal(await rooms.loadRoom("board"), undefined);
      assert.deepEqual(await rooms.listRooms(), []);
      assert.deepEqual(await rooms.loadAudit("board", 10), []);
      const refused = { code: "not-found", message: 'room "board" is not saved' };
      await assert.rejects(rooms.appendTick(claim, recordOf(1)), refused);
      await assert.rejects(rooms.saveSnapshot(claim, recordOf(1)), refused);
      await assert.rejects(rooms.compactRoom(claim), refused);
      await rooms.deleteRoom(claim);
    });

    it("is what it was created as, and has no ticks yet", async () => {
      await openRoom(rooms);
      const head = { roomId: "board", roomName: "Board", options: '{"size":3}', openSeats: 0 };
      const saved: SavedRoom = { head, snapshot: undefined, ticks: [], isWhole: true };
      assert.deepEqual(await rooms.loadRoom("board"), saved);
      assert.deepEqual(await rooms.listRooms(), [head]);
    });

    it("is created once", async () => {
      const claim = await openRoom(rooms);
      await assert.rejects(
        rooms.createRoom(claim, { roomId: "board", roomName: "Other", options: "{}" }),
        { code: "not-allowed", message: 'room "board" is saved already' },
      );
      assert.equal((await rooms.loadRoom("board"))?.head.roomName, "Board");
    });

    it("is kept apart from others whose ids look alike", async () => {
      const ids = ["a", "A", "a_", "a-", "a%", "a' or 1=1", "a\0", "__proto__", "", "1", "1.0"];
      for (const [index, id] of ids.entries()) {
        const claim = await openRoom(rooms, id);
        await appendTicks(rooms, claim, 1, index);
      }
      for (const [index, id] of ids.entries()) {
        assert.equal((await rooms.loadRoom(id))?.ticks.length, index);
      }
    });

    it("is refused with half of a character in its id", async () => {
      const refused = { code: "payload-invalid" };
      await assert.rejects(rooms.claimRoom("\uD800", describeOwner("s")), refused);
      await assert.rejects(rooms.loadRoom("\uD800"), refused);
      await assert.rejects(rooms.loadAudit("\uD800", 1), refused);
    });

    it("is listed with all others by its id, and with the seats of its last tick", async () => {
      for (const id of ["c", "a", "b-2", "b"]) {
        const claim = await openRoom(rooms, id);
        await rooms.appendTick(claim, recordOf(1, { openSeats: 7 }));
        await rooms.appendTick(claim, recordOf(2, { openSeats: id.length }));
      }
      assert.deepEqual(
        (await rooms.listRooms()).map(({ roomId, openSeats }) => [roomId, openSeats]),
        [
          ["a", 1],
          ["b", 1],
          ["b-2", 3],
          ["c", 1],
        ],
      );
    });

    it("is forgotten when it is deleted, and can be created anew", async () => {
      const claim = await openRoom(rooms);
      await appendTicks(rooms, claim, 1, 3);
      await rooms.compactRoom(claim);
      await rooms.appendTick(claim, recordOf(4, { audit: [auditOf(1)] }));
      await rooms.deleteRoom(claim);
      assert.equal(await rooms.loadRoom("board"), undefined);
      assert.deepEqual(await rooms.listRooms(), []);
      assert.deepEqual(await rooms.loadAudit("board", 10), []);
      await rooms.createRoom(claim, { roomId: "board", roomName: "New", options: "{}" });
      assert.deepEqual(await ticksOf(rooms), [undefined]);
      await rooms.appendTick(claim, recordOf(1));
      assert.deepEqual(await ticksOf(rooms), [undefined, 1]);
    });
  });

  describe("a tick", () => {
    it("is there, whole, once `appendTick` has resolved", async () => {
      const claim = await openRoom(rooms);
      await rooms.appendTick(claim, recordOf(1, { openSeats: 2 }));
      const saved = await rooms.loadRoom("board");
      assert.deepEqual(saved?.ticks, [{ tick: 1, bytes: Uint8Array.of(1, 255, 0) }]);
      assert.equal(saved?.head.openSeats, 2);
    });

    it("is kept when it is empty, and when it has a megabyte", async () => {
      const claim = await openRoom(rooms);
      const large = manyBytes(1_048_576);
      await rooms.appendTick(claim, recordOf(1, { bytes: new Uint8Array(0) }));
      await rooms.appendTick(claim, recordOf(2, { bytes: large }));
      assert.deepEqual((await rooms.loadRoom("board"))?.ticks, [
        { tick: 1, bytes: new Uint8Array(0) },
        { tick: 2, bytes: large },
      ]);
    });

    it("is kept as it was given, whatever becomes of its bytes afterwards", async () => {
      const claim = await openRoom(rooms);
      const bytes = Uint8Array.of(1, 2, 3);
      const saving = rooms.appendTick(claim, recordOf(1, { bytes }));
      bytes.fill(9);
      await saving;
      assert.deepEqual((await rooms.loadRoom("board"))?.ticks[0]?.bytes, Uint8Array.of(1, 2, 3));
    });

    it("is kept in the order of the calls, with many at once", async () => {
      const claims = [await openRoom(rooms, "a"), await openRoom(rooms, "b")];
      const numbers = Array.from({ length: 50 }, (_, index) => index + 1);
      const ended: number[] = [];
      await Promise.all(
        numbers.flatMap((tick) =>
          claims.map((claim) =>
            rooms.appendTick(claim, recordOf(tick)).then(() => ended.push(tick)),
          ),
        ),
      );
      assert.deepEqual(await ticksOf(rooms, "a"), [undefined, ...numbers]);
      assert.deepEqual(await ticksOf(rooms, "b"), [undefined, ...numbers]);
      assert.deepEqual(
        ended.toSorted((a, b) => a - b),
        numbers.flatMap((tick) => [tick, tick]),
      );
    });

    it("resolves asynchronously, as no caller may rely on the opposite", async () => {
      const claim = await openRoom(rooms);
      const order: string[] = [];
      const appending = rooms.appendTick(claim, recordOf(1)).then(() => order.push("appended"));
      order.push("called");
      await appending;
      assert.deepEqual(order, ["called", "appended"]);
    });

    for (const tick of [1, 2, 4, 9]) {
      it(`with the number ${tick} is refused behind tick 2, and changes nothing`, async () => {
        const claim = await openRoom(rooms);
        await appendTicks(rooms, claim, 1, 2);
        const late = recordOf(tick, { openSeats: 9, audit: [auditOf(1)] });
        await assert.rejects(rooms.appendTick(claim, late), {
          code: "not-allowed",
          message: `tick ${tick} of room "board" does not follow 2, the last one saved`,
        });
        assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2]);
        assert.equal((await rooms.loadRoom("board"))?.head.openSeats, 0);
        assert.deepEqual(await rooms.loadAudit("board", 10), []);
        await rooms.appendTick(claim, recordOf(3));
      });
    }

    for (const tick of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      it(`with the number ${tick} is refused as none`, async () => {
        const claim = await openRoom(rooms);
        const refused = {
          name: "RangeError",
          message: `tick ${tick} is not a whole number above 0`,
        };
        await assert.rejects(rooms.appendTick(claim, recordOf(tick)), refused);
        await assert.rejects(rooms.saveSnapshot(claim, recordOf(tick)), refused);
      });
    }

    it("that failed leaves what was saved as it was, and the next one is refused", async () => {
      const claim = await openRoom(rooms);
      await rooms.appendTick(claim, recordOf(1, { openSeats: 1, audit: [auditOf(1)] }));
      tested.failWrites(true);
      const failing = recordOf(2, { openSeats: 2, audit: [auditOf(2)] });
      await assert.rejects(rooms.appendTick(claim, failing));
      tested.failWrites(false);
      assert.deepEqual(await ticksOf(rooms), [undefined, 1]);
      assert.equal((await rooms.loadRoom("board"))?.head.openSeats, 1);
      assert.equal((await rooms.loadAudit("board", 10)).length, 1);
      await assert.rejects(rooms.appendTick(claim, recordOf(3)), { code: "not-allowed" });
      await rooms.appendTick(claim, recordOf(2));
      assert.deepEqual(await ticksOf(rooms), [undefined, 1, 2]);
    });
  });

  roomSnapshotsContract(() => tested);
  roomClaimsContract(
    () => tested,
    () => clock,
  );

  describe("the audit log", () => {
    it("is newest first, in pages that lose and double nothing while more is done", async () => {
      const claim = await openRoom(rooms);
      for (const tick of [1, 2, 3]) {
        const audit = [auditOf(tick * 2 - 1), auditOf(tick * 2)];
        await rooms.appendTick(claim, recordOf(tick, { audit }));
      }
      const first = await rooms.loadAudit("board", 4);
      await rooms.appendTick(claim, recordOf(4, { audit: [auditOf(7)] }));
      const second = await rooms.loadAudit("board", 4, first.at(-1)!.position);
      assert.deepEqual(
        [...first, ...second].map(({ at, data }) => [at - NOW, data]),
        [6, 5, 4, 3, 2, 1].map((number) => [number, `{"x":${number}}`]),
      );
      assert.deepEqual(await rooms.loadAudit("board", 4, second.at(-1)!.position), []);
      assert.deepEqual(await rooms.loadAudit("board", 0), []);
    });

    it("keeps who, when and what", async () => {
      const claim = await openRoom(rooms);
      const entry = { at: NOW, userId: "ädä\0😀", name: "__proto__", data: "null" };
      await rooms.appendTick(claim, recordOf(1, { audit: [entry] }));
      const [found] = await rooms.loadAudit("board", 1);
      assert.deepEqual(found, { ...entry, position: found!.position });
    });

    it("keeps another character for half of one, rather than refuse the tick", async () => {
      const claim = await openRoom(rooms);
      const entry = auditOf(1, { userId: "a\uD800", name: "\uDC00", data: '"\uD800"' });
      await rooms.appendTick(claim, recordOf(1, { audit: [entry] }));
      const [found] = await rooms.loadAudit("board", 1);
      assert.deepEqual(
        [found?.userId, found?.name, found?.data],
        ["a\uFFFD", "\uFFFD", '"\uFFFD"'],
      );
    });

    it("drops the oldest entry for one too many, of each room alone", async () => {
      const [a, b] = [await openRoom(rooms, "a"), await openRoom(rooms, "b")];
      await rooms.appendTick(b, recordOf(1, { audit: [auditOf(1)] }));
      for (let tick = 1; tick <= 12; tick += 1) {
        await rooms.appendTick(a, recordOf(tick, { audit: [auditOf(tick)] }));
      }
      const found = await rooms.loadAudit("a", 100);
      assert.deepEqual(
        found.map(({ at }) => at - NOW),
        Array.from({ length: MAX_ENTRIES }, (_, index) => 12 - index),
      );
      assert.equal((await rooms.loadAudit("b", 100)).length, 1);
    });

    it("keeps the newest of more entries in one tick than fit", async () => {
      const claim = await openRoom(rooms);
      const audit = Array.from({ length: 25 }, (_, index) => auditOf(index));
      await rooms.appendTick(claim, recordOf(1, { audit }));
      const found = await rooms.loadAudit("board", 100);
      assert.deepEqual(
        found.map(({ at }) => at - NOW),
        Array.from({ length: MAX_ENTRIES }, (_, index) => 24 - index),
      );
    });

    it("shows nobody an entry that is too old", async () => {
      const claim = await openRoom(rooms);
      await rooms.appendTick(claim, recordOf(1, { audit: [auditOf(0), auditOf(1)] }));
      clock.advance(MAX_AGE_MS);
      assert.equal((await rooms.loadAudit("board", 10)).length, 2);
      clock.advance(1);
      assert.equal((await rooms.loadAudit("board", 10)).length, 1);
      clock.advance(1);
      assert.deepEqual(await rooms.loadAudit("board", 10), []);
    });

    for (const limit of [-1, 1.5, Number.NaN, Infinity]) {
      it(`refuses a limit of ${limit}`, async () => {
        const message = `limit ${limit} is not a whole number of entries`;
        await assert.rejects(rooms.loadAudit("board", limit), { name: "RangeError", message });
      });
    }
  });

  describe("close", () => {
    it("waits for the writes before it", async () => {
      const claim = await openRoom(rooms);
      const order: string[] = [];
      await Promise.all([
        rooms.appendTick(claim, recordOf(1)).then(() => order.push("saved")),
        tested.close().then(() => order.push("closed")),
      ]);
      assert.deepEqual(order, ["saved", "closed"]);
    });

    it("refuses everything afterwards, from the moment of the call", async () => {
      const claim = await openRoom(rooms);
      const closing = tested.close();
      const calls = [
        () => rooms.claimRoom("x", describeOwner("s")),
        () => rooms.renewClaim(claim),
        () => rooms.releaseClaim(claim),
        () => rooms.createRoom(claim, { roomId: "board", roomName: "", options: "" }),
        () => rooms.loadRoom("board"),
        () => rooms.appendTick(claim, recordOf(1)),
        () => rooms.saveSnapshot(claim, recordOf(1)),
        () => rooms.compactRoom(claim),
        () => rooms.deleteRoom(claim),
        () => rooms.listRooms(),
        () => rooms.loadAudit("board", 1),
      ];
      for (const call of calls) await assert.rejects(call(), { name: "SyncError", code: "closed" });
      await closing;
      for (const call of calls) await assert.rejects(call(), { name: "SyncError", code: "closed" });
    });
  });
}

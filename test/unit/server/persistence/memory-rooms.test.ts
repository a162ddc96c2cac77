import assert from "node:assert/strict";
import { MemoryRooms, type RoomWrite } from "../../../../server/persistence/memory-rooms.ts";
import { roomStoreContract } from "../../../contracts/room-store-contract.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { appendTicks, openRoom, recordOf, ticksOf } from "../../../support/room-records.ts";

describe("MemoryRooms", () => {
  describe("keeps the promises of a store of rooms:", () => {
    roomStoreContract((options) => {
      const rooms = new MemoryRooms(options);
      return {
        rooms,
        failWrites(isFailing) {
          rooms.intercept(() =>
            isFailing ? Promise.reject(new Error("disk full")) : Promise.resolve(),
          );
        },
        close: () => rooms.close(),
      };
    });
  });

  it("shows a test each write before it happens, and waits for its leave", async () => {
    const rooms = new MemoryRooms({ clock: new FakeClock() });
    const claim = await openRoom(rooms);
    const { promise, resolve } = Promise.withResolvers<void>();
    const seen: RoomWrite[] = [];
    rooms.intercept((write) => {
      seen.push(write);
      return promise;
    });
    const appending = rooms.appendTick(claim, recordOf(1));
    await new Promise((turn) => setImmediate(turn));
    assert.deepEqual(seen, [{ what: "tick", roomId: "board", tick: 1 }]);
    assert.deepEqual(rooms.read("board"), { snapshot: undefined, ticks: [] });
    resolve();
    await appending;
    assert.deepEqual(rooms.read("board").ticks, [recordOf(1)]);
  });

  it("holds the later writes of a room back with the first, and no other room's", async () => {
    const rooms = new MemoryRooms({ clock: new FakeClock() });
    const [a, b] = [await openRoom(rooms, "a"), await openRoom(rooms, "b")];
    const { promise, resolve } = Promise.withResolvers<void>();
    rooms.intercept(({ roomId }) => (roomId === "a" ? promise : Promise.resolve()));
    const held = appendTicks(rooms, a, 1, 2);
    await appendTicks(rooms, b, 1, 2);
    assert.deepEqual(await ticksOf(rooms, "a"), [undefined]);
    resolve();
    await held;
    assert.deepEqual(await ticksOf(rooms, "a"), [undefined, 1, 2]);
  });
});

import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { roomKeeper } from "../support/room-keeper.ts";
import { KeyedRooms } from "../../server/matchmaking/keyed-rooms.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { SyncError } from "../../shared/errors.ts";
import { startTestServer } from "../support/start-test-server.ts";

const Count = schema({ value: t.number().default(0) }, "CreatedBoard");
type Count = SchemaType<typeof Count>;

let created: string[] = [];

class Board extends SyncRoom<{ state: Count }> {
  override state = new Count();
  override persistence = {
    key({ board }: { board: string }): string {
      if (board === "forbidden") throw new SyncError("options-invalid", "not that one");
      return board;
    },
  };

  override async onCreate(): Promise<void> {
    created.push(this.roomId);
    // Room for a second creation to slip in.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

class OtherBoard extends Board {}

const rooms = { board: Board, other: OtherBoard };

describe("the creation of a room with a key", () => {
  beforeEach(() => {
    created = [];
  });

  it("happens once, however many join at the same time", async () => {
    await using server = await startTestServer({ rooms });
    const options = { board: "main" };
    const seats = await Promise.all([
      server.reserveSeat("board", options),
      server.reserveSeat("board", options),
    ]);
    assert.deepEqual(
      seats.map(({ status, roomId }) => [status, roomId]),
      [
        [200, "main"],
        [200, "main"],
      ],
    );
    assert.deepEqual(created, ["main"]);
  });

  it("is not shared with another kind of room that asks at the same time", async () => {
    await using _server = await startTestServer({ rooms });
    const keyed = new KeyedRooms(rooms, roomKeeper());
    const [mine, other] = await Promise.allSettled([
      keyed.open("board", "main", { board: "main" }),
      keyed.open("other", "main", { board: "main" }),
    ]);
    assert.equal(mine.status, "fulfilled");
    assert.equal(other.status, "rejected");
    assert.deepEqual(created, ["main"]);
  });

  it("does not happen for options that give no key, and those that its key function refuses", async () => {
    await using server = await startTestServer({ rooms });
    for (const options of [{}, { board: "" }, { board: 7 }, { board: "forbidden" }]) {
      const { status, sync } = await server.reserveSeat("board", options);
      assert.deepEqual([status, sync?.code], [400, "options-invalid"]);
    }
    assert.deepEqual(created, []);
  });

  it("does not happen where the key function fails, or there is none", async () => {
    class Lower extends Board {
      override persistence = { key: ({ board }: { board: string }) => board.toLowerCase() };
    }
    class Keyless extends Board {
      override persistence = {} as never;
    }
    await using server = await startTestServer({ rooms: { lower: Lower, keyless: Keyless } });
    for (const [name, message] of [
      ["lower", 'join options of "lower" give no key'],
      ["keyless", 'the key of room "keyless" is neither a string nor a function'],
    ] as const) {
      const { sync } = await server.reserveSeat(name, {});
      assert.deepEqual([sync?.code, sync?.message], ["options-invalid", message]);
    }
    assert.deepEqual(created, []);
  });

  it("has no limit for keys: each is one room", async () => {
    await using server = await startTestServer({ rooms });
    const keys = ["x".repeat(10_000), "x".repeat(9_999), "../ä\u0000", "__proto__", "constructor"];
    const seats = await Promise.all(
      [...keys, ...keys].map((board) => server.reserveSeat("board", { board })),
    );
    const ids = seats.map(({ roomId }) => roomId);
    assert.ok(
      ids.every((id) => /^[A-Za-z0-9_-]{43}$/.test(id)),
      ids.join(),
    );
    assert.deepEqual(ids.slice(0, 5), ids.slice(5));
    assert.equal(new Set(ids).size, 5);
  });

  it("can be tried again after it failed", async () => {
    let isFailing = true;
    class Failing extends Board {
      override async onCreate(): Promise<void> {
        if (isFailing) throw new Error("database is away");
        await super.onCreate();
      }
    }
    await using server = await startTestServer({ rooms: { failing: Failing } });
    const failed = await server.reserveSeat("failing", { board: "main" });
    assert.equal(failed.sync?.code, "join-refused");
    isFailing = false;
    const seat = await server.reserveSeat("failing", { board: "main" });
    assert.equal(seat.status, 200);
    assert.equal(matchMaker.getLocalRoomById("main") !== undefined, true);
  });
});

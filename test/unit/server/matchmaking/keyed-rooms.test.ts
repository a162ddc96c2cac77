import assert from "node:assert/strict";
import { RegisteredHandler, Room } from "@colyseus/core";
import { roomKeeper } from "../../../support/room-keeper.ts";
import { KeyedRooms } from "../../../../server/matchmaking/keyed-rooms.ts";
import { SyncRoom } from "../../../../server/rooms/sync-room.ts";

class Board extends SyncRoom {
  static made = 0;
  override persistence = { key: ({ board }: { board: string }) => board };

  constructor() {
    super();
    Board.made += 1;
  }
}

class Lobby extends SyncRoom {
  override persistence = { key: "the-lobby" };
}

class Unkeyed extends SyncRoom {}

const rooms = {
  board: Board,
  lobby: Lobby,
  unkeyed: Unkeyed,
  plain: Room,
  defined: new RegisteredHandler(Board),
};

describe("KeyedRooms", () => {
  it("leaves a room without a key to matchmaking", () => {
    const keyed = new KeyedRooms(rooms, roomKeeper());
    assert.equal(keyed.roomIdFor("unkeyed", {}), undefined);
    assert.equal(keyed.roomIdFor("plain", {}), undefined);
    assert.equal(keyed.roomIdFor("nobody", {}), undefined);
  });

  it("makes a room id of a key that is one, as it is", () => {
    const keyed = new KeyedRooms(rooms, roomKeeper());
    for (const board of ["main", "A-b_9", "x", "x".repeat(64)]) {
      assert.equal(keyed.roomIdFor("board", { board }), board);
      assert.equal(keyed.roomIdFor("defined", { board }), board);
    }
    assert.equal(keyed.roomIdFor("lobby", {}), "the-lobby");
  });

  it("makes a plain room id of any other key, always the same one", () => {
    const keyed = new KeyedRooms(rooms, roomKeeper());
    const hostile = [
      "x".repeat(65),
      "a b",
      "a/b",
      "../../etc/passwd",
      "a?b=c#d",
      "\0",
      "日本",
      "a\n",
      "'; drop table rooms; --",
      "x".repeat(10_000),
    ];
    const ids = hostile.map((board) => keyed.roomIdFor("board", { board }));
    for (const id of ids) assert.match(id ?? "", /^[A-Za-z0-9_-]{43}$/);
    assert.equal(new Set(ids).size, hostile.length);
    assert.deepEqual(
      hostile.map((board) => new KeyedRooms(rooms, roomKeeper()).roomIdFor("board", { board })),
      ids,
    );
  });

  it("gives rooms of different names different ids for such a key", () => {
    const keyed = new KeyedRooms(rooms, roomKeeper());
    const board = "a b";
    assert.notEqual(keyed.roomIdFor("board", { board }), keyed.roomIdFor("defined", { board }));
  });

  for (const board of [undefined, null, "", 7, {}, ["main"], true]) {
    it(`refuses join options whose key is ${JSON.stringify(board)} as options-invalid`, () => {
      const keyed = new KeyedRooms(rooms, roomKeeper());
      assert.throws(() => keyed.roomIdFor("board", { board }), {
        name: "SyncError",
        code: "options-invalid",
      });
    });
  }

  it("makes one instance of a class to read its key from, however many join", () => {
    const keyed = new KeyedRooms(rooms, roomKeeper());
    const before = Board.made;
    for (let i = 0; i < 10; i += 1) keyed.roomIdFor("board", { board: `b${i}` });
    assert.equal(Board.made, before + 1);
  });
});

import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import type { JoinedRoom, RoomOf } from "../../client/index.ts";
import { MiniPlace } from "../../examples/mini-place/server.ts";
import { rooms, type Gallery } from "../../examples/rooms.ts";
import type { SyncError } from "../../shared/errors.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

type Board = JoinedRoom<RoomOf<Gallery, "mini-place">>;

describe("Mini Place's room", () => {
  let server: TestServer<typeof rooms>;

  beforeEach(async () => {
    server = await startTestServer({ rooms });
  });
  afterEach(async () => {
    await server.close();
  });

  /** Each call comes as another person. */
  function join(options: { board: string; size?: number | string }): Promise<Board> {
    return server.connect().join("mini-place", options);
  }

  it("is one for each name and size", async () => {
    const [main, same, tiny, other] = await Promise.all([
      join({ board: "main" }),
      join({ board: "main", size: "256" }),
      join({ board: "main", size: 8 }),
      join({ board: "other" }),
    ]);
    assert.equal(main.roomId, same.roomId);
    assert.equal(new Set([main, tiny, other].map(({ roomId }) => roomId)).size, 3);
    assert.deepEqual(main.state.canvas.toJSON(), { width: 256, height: 256, colors: 32 });
    assert.deepEqual(tiny.state.canvas.toJSON(), { width: 8, height: 8, colors: 8 });
  });

  for (const board of ["", "UPPER", "a b", "../etc", "ü", "x".repeat(33), 7, null, {}, undefined]) {
    it(`refuses a board called ${JSON.stringify(board)}`, async () => {
      await assert.rejects(join({ board: board as string }), { code: "options-invalid" });
    });
  }

  for (const size of [0, 9, -8, 1e9, "256x", "__proto__"]) {
    it(`refuses a board of size ${JSON.stringify(size)}`, async () => {
      await assert.rejects(join({ board: "main", size }), {
        code: "options-invalid",
        message: `board size "${size}" is not one of 8, 256, 1000, 2000`,
      });
    });
  }

  it("opens a hundred boards and refuses one more in a sentence", async () => {
    const seats = Array.from({ length: 100 }, (_, index) =>
      server.reserveSeat("mini-place", { board: `b${index}`, size: 8 }),
    );
    assert.ok((await Promise.all(seats)).every(({ status }) => status === 200));
    await assert.rejects(join({ board: "one-more", size: 8 }), {
      code: "join-refused",
      message: "100 boards are open, which is the most at a time: try again later",
    });
    assert.equal((await join({ board: "b7", size: 8 })).roomId, "mini-place-8-b7");
  });

  it("closes a board on which nobody has been for ten minutes", async () => {
    await server.close();
    const clock = new FakeClock();
    server = await startTestServer({ rooms, clock });
    const ticking = setInterval(() => clock.advanceSync(50), 1);
    try {
      const board = await join({ board: "empty", size: 8 });
      const room = localRoom(MiniPlace, board);
      await board.leave();
      await waitUntil(() => room.clients.length === 0);
      assert.equal((await matchMaker.query({ name: "mini-place" })).length, 1);
      clock.advanceSync(10 * 60_000);
      await waitUntil(async () => (await matchMaker.query({ name: "mini-place" })).length === 0);
    } finally {
      clearInterval(ticking);
    }
  });

  it("answers a pixel when it is on the board, with the wait until the next", async () => {
    const ada = await join({ board: "main" });
    const bob = await join({ board: "main" });
    assert.deepEqual(await ada.request("place", { x: 3, y: 4, color: 5 }), { waitMs: 5_000 });
    assert.equal(ada.state.canvas.get(3, 4), 5);
    await waitUntil(() => bob.state.canvas.get(3, 4) === 5);
    await assert.rejects(ada.request("place", { x: 3, y: 5, color: 5 }), (error: SyncError) => {
      const { retryAfterMs = 0 } = error;
      return error.code === "cooldown" && retryAfterMs > 0 && retryAfterMs <= 5_000;
    });
    assert.deepEqual(await bob.request("place", { x: 3, y: 5, color: 6 }), { waitMs: 5_000 });
  });

  it("tells every page of one person how long to wait, also one that is opened later", async () => {
    const ada = await join({ board: "tabs", size: 8 });
    const { token } = await server
      .reserveSeat("mini-place", { board: "tabs", size: 8 })
      .then(({ identity }) => identity);
    assert.ok(token);
    const waits: [string, number][] = [];
    const openTab = async (name: string): Promise<Board> => {
      const board = await server.connect({ token }).join("mini-place", { board: "tabs", size: 8 });
      board.onMessage<number>("wait", (waitMs) => waits.push([name, waitMs]));
      return board;
    };
    ada.onMessage<number>("wait", (waitMs) => waits.push(["ada", waitMs]));
    const [first] = await Promise.all([openTab("first"), openTab("second")]);
    await first.request("place", { x: 0, y: 0, color: 1 });
    await waitUntil(() => waits.length === 1);
    await openTab("later");
    await waitUntil(() => waits.length === 2);
    const [second, later] = waits;
    assert.deepEqual(second, ["second", 1_000]);
    assert.equal(later?.[0], "later");
    assert.ok(later[1] > 0 && later[1] <= 1_000);
  });

  it("asks for no wait when the cell had that color already", async () => {
    const ada = await join({ board: "tiny", size: 8 });
    assert.deepEqual(await ada.request("place", { x: 0, y: 0, color: 0 }), { waitMs: 0 });
    assert.deepEqual(await ada.request("place", { x: 0, y: 0, color: 1 }), { waitMs: 1_000 });
  });

  for (const pixel of [
    { x: 8, y: 0, color: 1 },
    { x: 0, y: 8, color: 1 },
    { x: -1, y: 0, color: 1 },
    { x: 1.5, y: 0, color: 1 },
    { x: Number.NaN, y: 0, color: 1 },
    { x: 1e9, y: 0, color: 1 },
    { x: 0, y: 0, color: 8 },
    { x: 0, y: 0, color: 31 },
    { x: 0, y: 0, color: 256 },
  ]) {
    it(`refuses ${JSON.stringify(pixel)} on a board of 8 by 8 and stays as it was`, async () => {
      const ada = await join({ board: "tiny", size: 8 });
      await assert.rejects(ada.request("place", pixel), { code: "payload-invalid" });
      await ada.request("place", { x: 7, y: 7, color: 7 });
      const { cells } = localRoom(MiniPlace, ada).state.canvas;
      assert.equal(cells.filter((color) => color !== 0).length, 1);
    });
  }

  it("tells who painted a cell and how long ago, and nothing of one that nobody painted", async () => {
    const ada = await join({ board: "main" });
    const bob = await join({ board: "main" });
    await ada.request("place", { x: 3, y: 4, color: 5 });
    const painting = await bob.request("inspect", { x: 3, y: 4 });
    assert.equal(painting?.name, ada.user.name);
    assert.ok(painting.ageMs >= 0 && painting.ageMs < 10_000);
    assert.equal(await bob.request("inspect", { x: 4, y: 4 }), null);
    assert.equal(await bob.request("inspect", { x: 4_000, y: 4 }), null);
  });

  it("counts who is there now: not who left, nor who is cut off", async () => {
    const ada = await join({ board: "main" });
    const bob = await join({ board: "main" });
    const eve = await join({ board: "main" });
    await waitUntil(() => ada.state.viewers === 3);
    await eve.leave();
    await waitUntil(() => ada.state.viewers === 2);
    const { clients } = localRoom(MiniPlace, ada);
    clients.find(({ sessionId }) => sessionId === bob.sessionId)?.ref.terminate();
    await waitUntil(() => ada.state.viewers === 1);
    await waitUntil(() => ada.state.viewers === 2);
    await waitUntil(() => bob.isConnected);
  });
});

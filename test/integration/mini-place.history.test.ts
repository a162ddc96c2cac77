import assert from "node:assert/strict";
import type { JoinedRoom, RoomOf } from "../../client/index.ts";
import { MiniPlace } from "../../examples/mini-place/server.ts";
import { MAX_REPLAYED_PIXELS, REPLAY_PAGE_PIXELS } from "../../examples/mini-place/state.ts";
import { rooms, type Gallery } from "../../examples/rooms.ts";
import type { AuditedIntent } from "../../server/index.ts";
import { KeptStore } from "../support/kept-store.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";

type Board = JoinedRoom<RoomOf<Gallery, "mini-place">>;
const OPTIONS = { board: "history", size: 8 };

describe("The history of a board", () => {
  let store: KeptStore;
  let server: TestServer<typeof rooms>;

  beforeEach(async () => {
    store = new KeptStore();
    server = await startTestServer({ rooms, store });
  });
  afterEach(async () => {
    await server.close();
  });

  function join(): Promise<Board> {
    return server.connect().join("mini-place", OPTIONS);
  }

  /** In place of the room's own log: so many pixels, painted one after the other. */
  function remember(board: Board, count: number): void {
    localRoom(MiniPlace, board).readAudit = (limit?: number, older?: number) => {
      const before = older ?? count + 1;
      const length = Math.max(0, Math.min(limit ?? 0, before - 1));
      const entries = Array.from({ length }, (_, index): AuditedIntent => {
        const position = before - 1 - index;
        const payload = { x: position % 8, y: 0, color: position % 7 };
        return { position, at: position, user: { id: "u", name: "U" }, name: "place", payload };
      });
      return Promise.resolve(entries);
    };
  }

  /** How many pixels each page of a replay has. */
  async function loadPages(board: Board): Promise<number[]> {
    const pages: number[] = [];
    let loaded = 0;
    for (let before: number | undefined; ;) {
      const from = before === undefined ? {} : { before };
      // oxlint-disable-next-line no-await-in-loop -- a page says where the next one begins
      const part = await board.request("replay", { ...from, loaded });
      pages.push(part.pixels.length);
      loaded += part.pixels.length;
      if (part.before === undefined) return pages;
      before = part.before;
    }
  }

  it("is told newest first, with what had no effect left out", async () => {
    const [ada, bob] = [await join(), await join()];
    await ada.request("place", { x: 1, y: 2, color: 3 });
    await bob.request("place", { x: 1, y: 2, color: 3 });
    await bob.request("place", { x: 4, y: 5, color: 6 });
    const { pixels, before } = await ada.request("replay", { loaded: 0 });
    const places = pixels.map((pixel) => pixel.slice(0, 3));
    assert.deepEqual(places, [
      [4, 5, 6],
      [1, 2, 3],
    ]);
    assert.ok(pixels.every(([, , , ageMs]) => ageMs >= 0 && ageMs < 60_000));
    assert.equal(before, undefined);
  });

  it("and who painted what are there in the next process as well", async () => {
    const ada = await join();
    const { name } = ada.user;
    await ada.request("place", { x: 1, y: 2, color: 3 });
    await server.close();
    server = await startTestServer({ rooms, store });
    const bob = await join();
    assert.equal((await bob.request("inspect", { x: 1, y: 2 }))?.name, name);
    assert.equal(await bob.request("inspect", { x: 2, y: 2 }), null);
    const { pixels } = await bob.request("replay", { loaded: 0 });
    assert.deepEqual(pixels[0]?.slice(0, 3), [1, 2, 3]);
  });

  it("says nothing of a cell beside the board that has the number of one on it", async () => {
    const ada = await join();
    await ada.request("place", { x: 1, y: 2, color: 3 });
    assert.equal(await ada.request("inspect", { x: 1 + 8, y: 1 }), null);
  });

  it("comes in pages until there is no more", async () => {
    const ada = await join();
    remember(ada, 2 * REPLAY_PAGE_PIXELS + 1);
    assert.deepEqual(await loadPages(ada), [REPLAY_PAGE_PIXELS, REPLAY_PAGE_PIXELS, 1]);
  });

  it(`goes back ${MAX_REPLAYED_PIXELS} pixels and no further`, async () => {
    const ada = await join();
    remember(ada, 3 * MAX_REPLAYED_PIXELS);
    const pages = await loadPages(ada);
    assert.equal(
      pages.reduce((sum, pixels) => sum + pixels, 0),
      MAX_REPLAYED_PIXELS,
    );
    assert.ok(pages.every((pixels) => pixels <= REPLAY_PAGE_PIXELS));
    const beyond = ada.request("replay", { before: 5, loaded: MAX_REPLAYED_PIXELS });
    await assert.rejects(beyond, { code: "payload-invalid" });
  });

  it("is told twice in a row, and then only after a while", async () => {
    const ada = await join();
    remember(ada, MAX_REPLAYED_PIXELS);
    await loadPages(ada);
    await loadPages(ada);
    await assert.rejects(loadPages(ada), { code: "rate-limited" });
    const bob = await join();
    assert.equal((await bob.request("replay", { loaded: 0 })).pixels.length, REPLAY_PAGE_PIXELS);
  });

  for (const asked of [{}, { loaded: -1 }, { loaded: 0.5 }, { loaded: 0, before: "all" }, null]) {
    it(`is not told to who asks with ${JSON.stringify(asked)}`, async () => {
      const ada = await join();
      const asking = ada.request("replay", asked as unknown as { loaded: number });
      await assert.rejects(asking, { code: "payload-invalid" });
    });
  }
});

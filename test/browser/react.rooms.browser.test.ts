import { matchMaker } from "@colyseus/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { useBrowser } from "../support/browser.ts";
import { usePagePrograms } from "../support/page-programs.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";
import { GameRoom } from "./pages/react/game-room.ts";

interface Counts {
  renders: Record<string, number>;
  heard: string[];
  rejections: number;
}

function countsOf(page: Page): Promise<Counts> {
  return page.evaluate(() => (globalThis as unknown as { counts: Counts }).counts);
}

async function openRoom(): Promise<GameRoom> {
  const [found] = await matchMaker.query({ name: "game" });
  const room: unknown = found && matchMaker.getLocalRoomById(found.roomId);
  if (room instanceof GameRoom) return room;
  throw new Error("no game is open");
}

/** Who is in the room, by session. */
async function sessionsIn(): Promise<string[]> {
  const [found] = await matchMaker.query({ name: "game" });
  if (found === undefined) return [];
  return Array.from((await openRoom()).clients, ({ sessionId }) => sessionId);
}

for (const react of ["development", "production"] as const) {
  describe(`atrium/client/react with rooms, on React's ${react} build in StrictMode`, () => {
    const browser = useBrowser();
    const pages = usePagePrograms(
      { game: join(import.meta.dirname, "pages/react/game-page.tsx") },
      react,
    );
    /** In development StrictMode renders everything twice to find what is not pure. */
    const factor = react === "development" ? 2 : 1;
    let server: TestServer<{ game: typeof GameRoom }>;

    beforeEach(async () => {
      server = await startTestServer({ rooms: { game: GameRoom }, http: pages.http });
    });
    afterEach(() => server.close());

    async function openGame(): Promise<Page> {
      const page = await browser().openPage(`${server.httpUrl}/game`);
      await page.locator("#round", { hasText: "0" }).waitFor();
      return page;
    }

    function press(page: Page, name: string): Promise<void> {
      return page.getByRole("button", { name, exact: true }).click();
    }

    it("takes one seat, for all components that ask for it, and hears what came with the state", async () => {
      const page = await openGame();
      assert.equal((await sessionsIn()).length, 1);
      const sessionId = await page.locator("#seat").getAttribute("data-session");
      assert.deepEqual(await sessionsIn(), [sessionId]);
      assert.deepEqual((await countsOf(page)).heard, ["welcome final"]);
      assert.equal(await page.locator("#status").textContent(), "connected");
    });

    it("renders what a selector picks when that changes, and nothing else", async () => {
      const page = await openGame();
      await press(page, "anna");
      await page.getByText("Anna 1").waitFor();
      await press(page, "ben");
      await page.getByText("Ben 1").waitFor();
      const { renders: before } = await countsOf(page);
      for (let round = 1; round <= 5; round++) {
        await press(page, "next");
        await page.locator("#round", { hasText: String(round) }).waitFor();
      }
      const between: Record<string, number> = (await countsOf(page)).renders;
      assert.deepEqual({ ...between }, { ...before, round: before["round"]! + 5 * factor });
      await press(page, "ben");
      await page.getByText("Ben 2").waitFor();
      const { renders: after } = await countsOf(page);
      assert.deepEqual(after, {
        ...between,
        scores: between["scores"]! + factor,
        "row Ben": between["row Ben"]! + factor,
      });
    });

    if (react === "production") return;

    it("keeps its seat when it is mounted anew, and leaves it when it is gone", async () => {
      const page = await openGame();
      const before = await sessionsIn();
      for (let count = 0; count < 5; count++) {
        await press(page, "remount");
        await page.locator("#round", { hasText: "0" }).waitFor();
        assert.deepEqual(await sessionsIn(), before);
      }
      await press(page, "next");
      await page.locator("#round", { hasText: "1" }).waitFor();
      assert.deepEqual((await countsOf(page)).heard, ["welcome final"]);
      await press(page, "toggle");
      await waitUntil(async () => (await sessionsIn()).length === 0);
      await press(page, "toggle");
      await page.locator("#round", { hasText: "0" }).waitFor();
      assert.equal((await sessionsIn()).length, 1);
    });

    it("disconnects its client when the provider is gone, and has another one when it is back", async () => {
      const page = await openGame();
      await press(page, "provider");
      await waitUntil(async () => (await sessionsIn()).length === 0);
      await press(page, "provider");
      await page.locator("#round", { hasText: "0" }).waitFor();
      assert.equal((await sessionsIn()).length, 1);
      await press(page, "provider");
      await press(page, "provider");
      await page.locator("#round", { hasText: "0" }).waitFor();
      await waitUntil(async () => (await sessionsIn()).length === 1);
    });

    it("shows a refusal as an error, whoever waits for it, and nothing is unhandled", async () => {
      const page = await openGame();
      for (const name of ["cheat", "cheat and wait"]) {
        await press(page, name);
        await page.getByRole("alert").getByText("not-allowed").waitFor();
        await press(page, "next");
        await page.getByRole("alert").waitFor({ state: "detached" });
      }
      assert.equal((await countsOf(page)).rejections, 0);
    });

    it("goes on with the room after a cut, and says so meanwhile", async () => {
      const page = await openGame();
      const room = await openRoom();
      await page.context().setOffline(true);
      for (const client of room.clients) client.ref.terminate();
      await page.locator("#room-status", { hasText: "reconnecting" }).waitFor();
      await page.locator("#status", { hasText: "reconnecting" }).waitFor();
      room.state.round = 7;
      room.state.winners.push("Anna");
      await page.context().setOffline(false);
      await page.locator("#room-status", { hasText: "joined" }).waitFor();
      await page.locator("#round", { hasText: "7" }).waitFor();
      await page.locator("#seat", { hasText: "Anna" }).waitFor();
    });

    it("says that a room has ended, and joins another one when it is asked to", async () => {
      const page = await openGame();
      const room = await openRoom();
      for (const client of room.clients) client.leave(CloseCode.CONSENTED);
      await page.locator("#room-status", { hasText: "closed" }).waitFor();
      await press(page, "retry");
      await page.locator("#room-status", { hasText: "joined" }).waitFor();
      await press(page, "next");
      await page.locator("#round", { hasText: "1" }).waitFor();
    });

    it("gives an error of a selector to the nearest boundary", async () => {
      const page = await browser().openPage(`${server.httpUrl}/game`, {
        expectedErrors: [/no selector for round/],
      });
      await page.locator("#round", { hasText: "0" }).waitFor();
      await press(page, "break");
      await page.locator("#caught", { hasText: "no selector for round 0" }).waitFor();
      await page.locator("#round", { hasText: "0" }).waitFor();
    });
  });
}

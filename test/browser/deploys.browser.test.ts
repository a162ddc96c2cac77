import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { BoardPage, boardPath, CENTER } from "../support/board-page.ts";
import { keepPicture, useBrowser } from "../support/browser.ts";
import { buildPages } from "../support/gallery.ts";
import { type Deployed, GalleryProcess } from "../support/gallery-process.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const RED = "#dc2626";
const WHITE = "#ffffff";
const RIGHT = { x: CENTER.x + 1, y: CENTER.y };
/** What the browser itself reports while nobody listens on the port. */
const AWAY = [/net::ERR_CONNECTION_REFUSED/, /net::ERR_CONNECTION_RESET/, /net::ERR_EMPTY/];
const ORANGE = "rgb(238, 108, 13)";

/** The seats that a page took, in the order in which it opened its connections. */
function watchSeats(page: Page): string[] {
  const seats: string[] = [];
  page.on("websocket", (socket) => {
    seats.push(new URL(socket.url()).searchParams.get("sessionId") ?? "");
  });
  return seats;
}

function dotColor(page: Page): Promise<string> {
  return page
    .locator("#status")
    .evaluate((status) => getComputedStyle(status, "::before").backgroundColor);
}

describe("The pages of a server that ends and starts again", function () {
  this.timeout(60_000);
  const browser = useBrowser();
  const folder = useTemporaryFolder();
  let gallery: GalleryProcess;

  before(async () => {
    await buildPages();
  });
  beforeEach(async () => {
    gallery = new GalleryProcess(folder());
    await gallery.start({ BUILD: "first" });
  });
  afterEach(async () => {
    await gallery[Symbol.asyncDispose]();
  });

  /** Another process starts, and the page tries at once, which it would do a little later. */
  async function comeBack(page: Page, deployed: Deployed = { BUILD: "first" }): Promise<void> {
    await gallery.start(deployed);
    await page.evaluate(() => dispatchEvent(new Event("online")));
  }

  async function openPage(path: string): Promise<{ page: Page; seats: string[] }> {
    const page = await browser().openPage("about:blank", { expectedErrors: AWAY });
    const seats = watchSeats(page);
    await page.goto(gallery.url(path));
    return { page, seats };
  }

  async function openBoard(path: string): Promise<{ board: BoardPage; seats: string[] }> {
    const { page, seats } = await openPage(path);
    const board = new BoardPage(page);
    await board.waitForBoard();
    return { board, seats };
  }

  const ENDS = [
    { signal: "SIGKILL", code: null, words: "Connection lost. Reconnecting …" },
    { signal: "SIGTERM", code: 0, words: "The server restarts. Reconnecting …" },
  ] as const;

  for (const { signal, code, words } of ENDS) {
    it(`go on with the same board, seat and wait after ${signal}`, async () => {
      const { board, seats } = await openBoard(boardPath(signal.toLowerCase()));
      const { page } = board;
      await board.choose("Red");
      await board.click(CENTER);
      await page.locator("#wait-text", { hasText: "Next pixel in" }).waitFor();

      assert.equal(await gallery.end(signal), code);
      await board.waitForStatus("Reconnecting");
      await board.waitForSentence(words);
      assert.equal(await dotColor(page), ORANGE);
      await keepPicture(page, `reconnecting after ${signal}`);
      assert.equal(await board.colorOf(CENTER), RED);

      await comeBack(page);
      await board.waitForStatus("Connected");
      await board.waitForSentence("Connected again.");
      assert.equal(new Set(seats).size, 1);
      assert.equal(seats.length, 2);
      await board.waitForColor(CENTER, RED);
      assert.ok(await page.getByRole("radio", { name: "Red", exact: true }).isChecked());
      await page.locator("#viewers", { hasText: "1 watching" }).waitFor();
      await keepPicture(page, `connected again after ${signal}`);

      // A page that knows nothing of the wait hears of it from the room.
      await page.reload();
      await board.waitForBoard();
      await page.locator("#wait-text", { hasText: /^Next pixel in [1-5]?\d s$/ }).waitFor();
      await board.click(RIGHT);
      await board.waitForSentence(/^Wait \d+ seconds before your next pixel\.$/);
      assert.equal(await board.colorOf(RIGHT), WHITE);
    });
  }

  it("tell who painted a cell, and replay it, although another process was painted on", async () => {
    const { board } = await openBoard("/mini-place/?board=history&size=8");
    const { page } = board;
    await page.locator("#board canvas").click();
    await page.locator("#wait-text", { hasText: "Next pixel in" }).waitFor();
    await gallery.end("SIGKILL");
    await comeBack(page);
    await board.waitForStatus("Connected");
    await page.mouse.move(0, 0);
    await page.locator("#board canvas").hover();
    const caption = /^4, [34] · Black · painted by Guest \w{4}, (just now|\d+ s ago)$/;
    await page.locator("#caption", { hasText: caption }).waitFor();
    await page.click("#replay");
    await page.locator("#replay-text", { hasText: /^1 of 1 pixel/ }).waitFor();
    await page.locator("#replay-bar").waitFor({ state: "hidden" });
  });

  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    it(`go on with the same bar and points after ${signal}`, async () => {
      const post = `post-${signal.toLowerCase()}`;
      const { page, seats } = await openPage(`/synced-progress-bar/?post=${post}`);
      await page.locator("#add:enabled").click();
      await page.click("#add");
      await page.locator("#percent", { hasText: /^20$/ }).waitFor();

      await gallery.end(signal);
      await page.locator("#status", { hasText: "Reconnecting" }).waitFor();
      assert.ok(await page.locator("#add").isDisabled());
      assert.equal(await page.locator("#percent").textContent(), "20");
      await comeBack(page);
      await page.locator("#add:enabled").click();
      await page.locator("#percent", { hasText: /^30$/ }).waitFor();
      assert.equal(new Set(seats).size, 1);
      await page.locator("#ranking .you", { hasText: /^1Guest \w{4}\+30$/ }).waitFor();
    });
  }

  const DEPLOYS = [
    { what: "whose pages are others", deployed: { BUILD: "second" } },
    { what: "whose state has another schema", deployed: { BUILD: "first", SCHEMA: "next" } },
  ] as const;

  for (const { what, deployed } of DEPLOYS) {
    it(`say that a new version is here after a deploy ${what}, reload once, and keep the seat`, async () => {
      const name = "SCHEMA" in deployed ? "schema" : "build";
      const { board, seats } = await openBoard(boardPath(`deploy-${name}`));
      const { page } = board;
      await board.choose("Red");
      await board.click(CENTER);
      await page.locator("#wait-text", { hasText: "Next pixel in" }).waitFor();
      await page.click("#zoom-out");
      const before = await page.locator("#board canvas").evaluate(() => performance.timeOrigin);
      let loads = 0;
      page.on("load", () => (loads += 1));

      await gallery.end("SIGTERM");
      await comeBack(page, deployed);
      await board.waitForSentence("A new version is here. Reloading …");
      await keepPicture(page, `a new version ${name}`);
      await page.waitForFunction((origin) => performance.timeOrigin !== origin, before);
      await board.waitForBoard();
      await board.waitForSentence("This is the new version.");
      await page.locator("#viewers", { hasText: "1 watching" }).waitFor();
      assert.equal(new Set(seats).size, 1, seats.join(" "));
      assert.equal(loads, 1);
      assert.ok(await page.getByRole("radio", { name: "Red", exact: true }).isChecked());
      await page.locator("#wait-text", { hasText: "Next pixel in" }).waitFor();
      await keepPicture(page, `reloaded ${name}`);
      assert.equal(await board.colorOf(CENTER), RED);
    });
  }
});

import assert from "node:assert/strict";
import type { AuditedIntent } from "../../server/index.ts";
import { BoardPage, boardPath, CENTER } from "../support/board-page.ts";
import { keepPicture, useBrowser } from "../support/browser.ts";
import { lowContrastTexts } from "../support/contrast.ts";
import { useGallery } from "../support/gallery.ts";

const WHITE = "#ffffff";
const BLACK = "#000000";
const RED = "#dc2626";
const RED_INDEX = 9;
const RIGHT = { x: CENTER.x + 1, y: CENTER.y };
const BELOW = { x: CENTER.x, y: CENTER.y + 1 };
const STILL = { reducedMotion: "reduce" } as const;
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

describe("Mini Place's replay", () => {
  const browser = useBrowser();
  const gallery = useGallery();

  /** A board on which the center became black, then its right neighbour, then the center red. */
  async function openPainted(name: string, options = {}): Promise<BoardPage> {
    const board = new BoardPage(await browser().openPage(gallery().url(boardPath(name)), options));
    await board.waitForBoard();
    const room = gallery().room("mini-place", `mini-place-256-${name}`);
    const painted = [
      { ...CENTER, color: RED_INDEX },
      { ...RIGHT, color: 1 },
      { ...CENTER, color: 1 },
    ];
    const at = Date.now() - 3 * 60_000;
    const user = { id: "ada", name: "Ada" };
    room.readAudit = () =>
      Promise.resolve(
        painted.map((payload, index): AuditedIntent => {
          return { position: 3 - index, at, user, name: "place", payload };
        }),
      );
    for (const { x, y, color } of painted.toReversed()) room.state.canvas.set(x, y, color);
    await board.waitForColor(CENTER, RED);
    return board;
  }

  it("plays by itself and gives way to the board of now, with what was painted meanwhile", async () => {
    const board = await openPainted("plays");
    const { page } = board;
    await page.click("#replay");
    await page.locator("#replay-bar").waitFor();
    const { canvas } = gallery().room("mini-place", "mini-place-256-plays").state;
    canvas.set(BELOW.x, BELOW.y, RED_INDEX);
    await page.locator("#replay-text", { hasText: "3 of 3 pixels · 3 min ago" }).waitFor();
    assert.equal(await board.colorOf(BELOW), WHITE);
    await page.locator("#replay-bar").waitFor({ state: "hidden" });
    await board.waitForColor(BELOW, RED);
    assert.equal(await board.colorOf(CENTER), RED);
    assert.equal(await board.colorOf(RIGHT), BLACK);
  });

  it("moves for those who asked for less motion only as they move it, with the keyboard alone", async () => {
    const board = await openPainted("still", STILL);
    const { page } = board;
    await page.locator("#replay").focus();
    await page.keyboard.press("Enter");
    await page.locator("#replay-text", { hasText: "0 of 3 pixels" }).waitFor();
    await board.waitForColor(CENTER, WHITE);
    await keepPicture(page, "replay");
    for (const [key, text, color] of [
      ["ArrowRight", "1 of 3", BLACK],
      ["End", "3 of 3", RED],
      ["ArrowLeft", "2 of 3", BLACK],
      ["Home", "0 of 3", WHITE],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator("#replay-text", { hasText: text }).waitFor();
      await board.waitForColor(CENTER, color);
    }
    await page.keyboard.press("Escape");
    await page.locator("#replay-bar").waitFor({ state: "hidden" });
    await board.waitForColor(CENTER, RED);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "replay");
  });

  it("is not painted on, and says so", async () => {
    const board = await openPainted("refuses", STILL);
    await board.page.click("#replay");
    await board.waitForColor(CENTER, WHITE);
    await board.click(BELOW);
    await board.waitForSentence("This is a replay. Escape leads back to the board of now.");
    await board.page.click("#replay-end");
    await board.waitForColor(CENTER, RED);
    assert.equal(await board.colorOf(BELOW), WHITE);
    await board.click(BELOW);
    await board.waitForColor(BELOW, BLACK);
  });

  it("has something to say of a board on which nobody has painted", async () => {
    const url = gallery().url("/mini-place/?board=blank&size=8");
    const board = new BoardPage(await browser().openPage(url));
    await board.waitForBoard();
    await board.page.click("#replay");
    await board.waitForSentence("Nobody has painted here yet.");
    assert.ok(await board.page.locator("#replay-bar").isHidden());
  });

  it("can be read and fits at 360 pixels", async () => {
    const { page } = await openPainted("phone", { ...PHONE, ...STILL });
    await page.click("#replay");
    await page.locator("#replay-bar").waitFor();
    assert.deepEqual(await lowContrastTexts(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await keepPicture(page, "replay phone");
  });
});

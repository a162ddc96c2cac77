import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Page, Route, WebSocketRoute } from "playwright-core";
import { boardOf } from "../../examples/mini-place/state.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { BoardPage, boardPath, CENTER } from "../support/board-page.ts";
import { useBrowser } from "../support/browser.ts";
import { useGallery } from "../support/gallery.ts";
import { paintArt } from "../support/place-art.ts";

const WHITE = "#ffffff";
const BLACK = "#000000";
const RED = "#dc2626";
const RIGHT = { x: CENTER.x + 1, y: CENTER.y };
const BELOW = { x: CENTER.x, y: CENTER.y + 1 };

describe("Mini Place", () => {
  const browser = useBrowser();
  const gallery = useGallery();

  async function openBoard(path: string, options = {}): Promise<BoardPage> {
    const board = new BoardPage(await browser().openPage(gallery().url(path), options));
    await board.waitForBoard();
    return board;
  }

  /** Long enough that no machine is so slow that it is over before it is looked at. */
  function waitAMinute(roomId: string): void {
    const { place } = gallery().room("mini-place", roomId).messages;
    place.options.cooldownMs = 60_000;
  }

  it("shows a painted pixel to everybody on the board", async () => {
    const ada = await openBoard(boardPath("two"));
    const bob = await openBoard(boardPath("two"));
    await ada.waitForColor(CENTER, WHITE);
    await ada.choose("Red");
    await ada.click(CENTER);
    await bob.waitForColor(CENTER, RED);
    await ada.waitForColor(CENTER, RED);
    await bob.click(RIGHT);
    await ada.waitForColor(RIGHT, BLACK);
    await ada.page.locator("#viewers", { hasText: "2 watching" }).waitFor();
  });

  it("shows a pixel on its own board only", async () => {
    const here = await openBoard(boardPath("here"));
    const there = await openBoard(boardPath("there"));
    await here.click(CENTER);
    await here.waitForColor(CENTER, BLACK);
    await there.click(RIGHT);
    await there.waitForColor(RIGHT, BLACK);
    assert.equal(await there.colorOf(CENTER), WHITE);
  });

  it("shows the board again after a reload", async () => {
    const board = await openBoard(boardPath("reload"));
    await board.click(CENTER);
    await board.waitForColor(CENTER, BLACK);
    await board.page.reload();
    await board.waitForBoard();
    await board.waitForColor(CENTER, BLACK);
  });

  it("shows a pixel at once as pending, and rolls it back with a sentence when it is rejected", async () => {
    const first = await openBoard(boardPath("rejected"));
    waitAMinute("mini-place-256-rejected");

    // The same person in a second tab, which has not heard of the wait yet.
    const context = first.page.context();
    const server = await holdableServer(context);
    const tab = await context.newPage();
    browser().watchErrors(tab);
    await tab.goto(gallery().url(boardPath("rejected")));
    const second = new BoardPage(tab);
    await second.waitForBoard();
    server.hold();
    await first.click(CENTER);
    await first.waitForColor(CENTER, BLACK);
    await second.click(BELOW);
    await second.waitForColor(BELOW, BLACK);
    server.release();
    await second.waitForColor(BELOW, WHITE);
    await second.waitForSentence(/^Wait \d+ seconds before your next one\.$/);
    await tab.locator("#wait-text", { hasText: /^Next pixel in \d+ s$/ }).waitFor();
    assert.equal(await first.colorOf(BELOW), WHITE);
  });

  it("keeps the wait through a reload", async () => {
    const board = await openBoard(boardPath("wait"));
    waitAMinute("mini-place-256-wait");
    await board.click(CENTER);
    await board.page.locator("#wait-text", { hasText: "Next pixel in" }).waitFor();
    await board.click(RIGHT);
    await board.waitForSentence(/before your next pixel/);
    await board.page.reload();
    await board.waitForBoard();
    await board.page.locator("#wait-text", { hasText: "Next pixel in" }).waitFor();
    await board.click(RIGHT);
    await board.waitForSentence(/before your next pixel/);
    await board.waitForColor(RIGHT, WHITE);
  });

  it("takes two tabs that a newcomer opens at once for one person", async () => {
    const faster = await browser().openPage(gallery().url("/"));
    const slower = await faster.context().newPage();
    browser().watchErrors(slower);
    const path = gallery().url(boardPath("newcomer"));
    // Answered as somebody new, but told only when the other tab has become somebody.
    const answerLate = async (route: Route): Promise<void> => {
      const response = await route.fetch();
      await faster.goto(path);
      await new BoardPage(faster).waitForBoard();
      await route.fulfill({ response });
    };
    await slower.route("**/matchmake/**", answerLate, { times: 1 });
    await slower.goto(path);
    await new BoardPage(slower).waitForBoard();
    const { clients } = gallery().room("mini-place", "mini-place-256-newcomer");
    assert.equal(clients.length, 2);
    assert.equal(new Set(clients.map(({ user }) => user.id)).size, 1);
  });

  it("shows the wait in every tab of whoever painted in one", async () => {
    const first = await openBoard(boardPath("tabs"));
    const tab = await first.page.context().newPage();
    browser().watchErrors(tab);
    await tab.goto(gallery().url(boardPath("tabs")));
    const second = new BoardPage(tab);
    await second.waitForBoard();
    waitAMinute("mini-place-256-tabs");
    await first.click(CENTER);
    await tab.locator("#wait-text", { hasText: "Next pixel in" }).waitFor();
    await second.waitForColor(CENTER, BLACK);
  });

  it("says when the connection is lost, heals, and shows what was missed", async () => {
    const path = boardPath("cut");
    const board = await openBoard(path, { expectedErrors: [/net::ERR_FAILED/] });
    const { page } = board;
    // Away for as long as the way back is blocked.
    await page.route("**/matchmake/**", (route) => route.abort());
    const room = gallery().room("mini-place", "mini-place-256-cut");
    for (const client of room.clients) client.ref.terminate();
    await board.waitForStatus("Reconnecting");
    await board.waitForSentence("Connection lost. Reconnecting …");
    room.state.canvas.set(RIGHT.x, RIGHT.y, 9);
    // Painted while away: it waits for the connection.
    await board.click(CENTER);
    await board.waitForColor(CENTER, BLACK);
    assert.equal(room.state.canvas.get(CENTER.x, CENTER.y), 0);
    await page.unroute("**/matchmake/**");
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await board.waitForStatus("Connected");
    await board.waitForSentence("Connected again.");
    await board.waitForColor(RIGHT, RED);
    await board.waitForColor(CENTER, BLACK);
    assert.equal(room.state.canvas.get(CENTER.x, CENTER.y), 1);
  });

  it("goes on with the room that takes the place of one that closed, and its board", async () => {
    // Its seat went with the room.
    const board = await openBoard(boardPath("anew"), { expectedErrors: [/status of 410/] });
    await board.click(CENTER);
    await board.waitForColor(CENTER, BLACK);
    const room = gallery().room("mini-place", "mini-place-256-anew");
    await room.disconnect(CloseCode.REJOIN);
    await board.waitForSentence("Connected again.");
    const next = gallery().room("mini-place", "mini-place-256-anew");
    assert.notEqual(next, room);
    next.state.canvas.set(RIGHT.x, RIGHT.y, 9);
    await board.waitForColor(RIGHT, RED);
    assert.equal(await board.colorOf(CENTER), BLACK);
  });

  it("saves the board as a PNG with the server's cells", async () => {
    const { page } = await openBoard("/mini-place/?board=png");
    const { canvas } = gallery().room("mini-place", "mini-place-256-png").state;
    paintArt(canvas);
    await page.locator("#traffic dd", { hasText: /kB\/s/ }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export")]);
    assert.equal(download.suggestedFilename(), "mini-place-png-256.png");
    const png = await readFile(await download.path());
    const pixels = await readPixels(page, png);
    assert.equal(pixels.length, 256 * 256);
    const { colors } = boardOf({ board: "png" });
    pixels.forEach((pixel, index) => {
      const color = colors[canvas.cells[index] ?? 0]?.hex.toLowerCase();
      if (pixel !== color) assert.fail(`pixel ${index} is ${pixel}, not ${color}`);
    });
  });

  it("tells who painted a cell, and when, to whom points at it", async () => {
    const ada = await openBoard(boardPath("who"));
    const bob = await openBoard(boardPath("who"));
    await ada.click(CENTER);
    await bob.waitForColor(CENTER, BLACK);
    const { x, y } = await bob.placeOf(CENTER);
    await bob.page.mouse.move(x, y);
    const caption = /^4, 4 · Black · painted by Guest \w{4}, just now$/;
    await bob.page.locator("#caption", { hasText: caption }).waitFor();
  });

  it("can be painted with the keyboard alone", async () => {
    const { page } = await openBoard("/mini-place/?board=keys&size=8");
    const focused = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    const tabTo = async (label: RegExp): Promise<void> => {
      for (let presses = 0; presses < 20; presses++) {
        if (label.test(await focused())) return;
        await page.keyboard.press("Tab");
      }
      assert.match(await focused(), label);
    };
    await tabTo(/^Black$/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+Tab");
    for (const label of ["Save", "Replay", "Show", "out", "in"]) {
      assert.match(await focused(), new RegExp(label));
      await page.keyboard.press("Shift+Tab");
    }
    assert.match(await focused(), /^Board keys/);
    // The first key shows the cursor in the middle, at 4, 4.
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowUp", "Enter"])
      await page.keyboard.press(key);
    await page.locator("#caption", { hasText: /^3, 3 · Red · painted by Guest/ }).waitFor();
    const { canvas } = gallery().room("mini-place", "mini-place-8-keys").state;
    assert.equal(canvas.get(3, 3), 2);
  });

  it("zooms in before a finger paints a cell that is too small for it", async () => {
    const path = "/mini-place/?board=touch";
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    const { page } = await openBoard(path, phone);
    const box = await page.locator("#board canvas").boundingBox();
    assert.ok(box);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.touchscreen.tap(x, y);
    await page.locator("#sentence", { hasText: "A little closer" }).waitFor();
    const { canvas } = gallery().room("mini-place", "mini-place-256-touch").state;
    assert.ok(canvas.cells.every((color) => color === 0));
    await page.touchscreen.tap(x, y);
    await page.locator("#wait-text", { hasText: "Next pixel in" }).waitFor();
    assert.equal(canvas.cells.filter((color) => color === 1).length, 1);
  });

  it("has the seeds' eight colors with a ✓ that can be read on each", async () => {
    const { page } = await openBoard("/mini-place/?board=eight&size=8");
    const swatches = page.locator(".swatch");
    assert.equal(await swatches.count(), 8);
    const checks: string[] = [];
    for (const swatch of await swatches.all()) {
      await swatch.click();
      checks.push(
        await swatch.evaluate((element) => {
          const { color, content } = getComputedStyle(element, "::after");
          return `${content} ${color}`;
        }),
      );
    }
    const black = '"✓" rgb(0, 0, 0)';
    const white = '"✓" rgb(255, 255, 255)';
    assert.deepEqual(checks, [black, white, black, black, black, black, black, black]);
  });

  it("says in a sentence what is wrong with an address", async () => {
    const { page } = new BoardPage(
      await browser().openPage(gallery().url("/mini-place/?board=Not%20A%20Name")),
    );
    const sentence =
      'Board name "Not A Name" is not made of 1 to 32 small letters, digits and dashes.';
    await page.locator("#sentence", { hasText: sentence }).waitFor();
    for (const part of ["#traffic", "#sizes", "#wait", "#zoom-in"]) {
      await page.locator(part).waitFor({ state: "hidden" });
    }
  });

  it("opens a board of 1000 by 1000 cells with one texture upload per frame of a burst", async () => {
    const { page } = await openBoard("/mini-place/?board=burst&size=1000");
    await page.evaluate(() => {
      const uploads: unknown[] = [];
      Object.assign(globalThis, { uploads });
      const { prototype } = WebGL2RenderingContext;
      const upload = Reflect.get(prototype, "texSubImage2D") as (...all: unknown[]) => void;
      prototype.texSubImage2D = function (...all: unknown[]) {
        // The timeline stands still within a frame.
        uploads.push(document.timeline.currentTime);
        upload.apply(this, all);
      };
    });
    const { canvas } = gallery().room("mini-place", "mini-place-1000-burst").state;
    for (let burst = 1; burst <= 5; burst++) {
      for (let at = 0; at < 10_000; at++) {
        canvas.set((at * 7) % 1_000, (at * 13 + burst) % 1_000, (burst + at) % 32);
      }
      await page.waitForFunction((count) => {
        const { uploads } = globalThis as unknown as { uploads: unknown[] };
        return uploads.length >= count;
      }, burst);
    }
    const uploads = await page.evaluate(
      () => (globalThis as unknown as { uploads: number[] }).uploads,
    );
    assert.equal(new Set(uploads).size, uploads.length);
  });

  it("joins a board of 2000 by 2000 cells, sees a burst, and saves the server's cells", async () => {
    const path = "/mini-place/?board=large&size=2000";
    await openBoard(path);
    const { canvas } = gallery().room("mini-place", "mini-place-2000-large").state;
    paintArt(canvas);
    // A newcomer gets what was painted in its first state, the burst as a patch.
    const { page } = await openBoard(path);
    for (let at = 0; at < 10_000; at++) {
      canvas.set((at * 7) % 2_000, (at * 13) % 2_000, (at * 5) % 32);
    }
    await page.locator("#traffic dd", { hasText: /kB\/s/ }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export")]);
    const png = await readFile(await download.path());
    const hexes = boardOf({ board: "large", size: 2_000 }).colors.map(({ hex }) => hex);
    assert.equal(await hashOfPixels(page, png, hexes), hashOfCells(canvas.cells));
  });
});

/** A running hash of cell after cell (FNV-1a), which the page computes of its pixels as well. */
function hashOfCells(cells: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const cell of cells) hash = Math.imul(hash ^ cell, 0x01000193) >>> 0;
  return hash;
}

/** The same hash of a picture, whose pixels are colors of the palette. */
function hashOfPixels(page: Page, png: Buffer, palette: readonly string[]): Promise<number> {
  const given = { source: `data:image/png;base64,${png.toString("base64")}`, palette };
  return page.evaluate(async ({ source, palette: hexes }) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (context === null) throw new Error("no 2D context");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const indexOf = new Map(hexes.map((hex, index) => [parseInt(hex.slice(1), 16), index]));
    let hash = 0x811c9dc5;
    for (let at = 0; at < data.length; at += 4) {
      const rgb = (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
      hash = Math.imul(hash ^ (indexOf.get(rgb) ?? 255), 0x01000193) >>> 0;
    }
    return hash;
  }, given);
}

/** Lets a test hold back what the server says to the pages opened from now on. */
async function holdableServer(context: {
  routeWebSocket(url: RegExp, handler: (route: WebSocketRoute) => void): Promise<void>;
}): Promise<{ hold(): void; release(): void }> {
  let isHeld = false;
  const held: (() => void)[] = [];
  await context.routeWebSocket(/./, (route) => {
    const server = route.connectToServer();
    server.onMessage((message) => {
      if (isHeld) held.push(() => route.send(message));
      else route.send(message);
    });
  });
  return {
    hold: () => {
      isHeld = true;
    },
    release: () => {
      isHeld = false;
      for (const deliver of held.splice(0)) deliver();
    },
  };
}

/** The pixels of a PNG as `#rrggbb`, row by row. */
function readPixels(page: Page, png: Buffer): Promise<string[]> {
  return page.evaluate(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const { width, height } = image;
      const context = Object.assign(document.createElement("canvas"), { width, height }).getContext(
        "2d",
      );
      context?.drawImage(image, 0, 0);
      const bytes = context?.getImageData(0, 0, width, height).data ?? [];
      const hex = (byte: number | undefined): string => (byte ?? 0).toString(16).padStart(2, "0");
      return Array.from({ length: width * height }, (_, index) => {
        const at = index * 4;
        return `#${hex(bytes[at])}${hex(bytes[at + 1])}${hex(bytes[at + 2])}`;
      });
    },
    `data:image/png;base64,${png.toString("base64")}`,
  );
}

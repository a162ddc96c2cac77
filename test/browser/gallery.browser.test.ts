import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { BoardPage } from "../support/board-page.ts";
import { keepPicture, useBrowser } from "../support/browser.ts";
import { lowContrastTexts } from "../support/contrast.ts";
import { useGallery } from "../support/gallery.ts";
import { paintArt } from "../support/place-art.ts";
import { screenColor } from "../support/screen-color.ts";
import { waitUntil } from "../support/wait-until.ts";

const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};
const DEMOS = [
  { title: "Mini Place", path: "/mini-place/" },
  { title: "Synced Progress Bar", path: "/synced-progress-bar/" },
];
const PAGES = [{ title: "Atrium", path: "/" }, ...DEMOS];

describe("The gallery", () => {
  // A name that is not this machine's own, as another device on the network would use.
  const browser = useBrowser(["--host-resolver-rules=MAP atrium.test 127.0.0.1"]);
  const gallery = useGallery();

  it("names its demos and links them without script", async () => {
    const options = { ...DESKTOP, javaScriptEnabled: false };
    const page = await browser().openPage(gallery().url("/"), options);
    for (const { title, path } of DEMOS) {
      assert.equal(await page.getByRole("link", { name: title }).getAttribute("href"), path);
    }
  });

  for (const { title, path } of PAGES) {
    it(`shows ${title} at 360 pixels without scrolling sideways`, async () => {
      const page = await browser().openPage(gallery().url(path), PHONE);
      if (path !== "/") await page.locator("#status", { hasText: "Connected" }).waitFor();
      const { scrolled, width } = await page.evaluate(() => ({
        scrolled: document.documentElement.scrollWidth,
        width: innerWidth,
      }));
      assert.equal(width, 360);
      assert.ok(scrolled <= width, `the page is ${scrolled} pixels wide`);
    });

    for (const colorScheme of ["light", "dark"] as const) {
      it(`has texts of enough contrast in ${title} in ${colorScheme} colors`, async () => {
        const page = await browser().openPage(gallery().url(path), { ...DESKTOP, colorScheme });
        if (path !== "/") await page.locator("#traffic dd", { hasText: " ms" }).waitFor();
        assert.deepEqual(await lowContrastTexts(page), []);
      });
    }
  }

  it("works from a plain http address that is not this machine's own", async () => {
    const address = `http://atrium.test:${gallery().port}`;
    const page = await browser().openPage(`${address}/mini-place/?board=plain&size=8`);
    const board = new BoardPage(page);
    await board.waitForBoard();
    assert.equal(await page.evaluate(() => isSecureContext), false);
    await page.locator("#board canvas").click();
    await page.locator("#wait-text", { hasText: "Next pixel in" }).waitFor();
    await page.goto(`${address}/synced-progress-bar/?post=plain`);
    await page.locator("#add:enabled").click();
    await page.locator("#percent", { hasText: "10" }).waitFor();
  });

  it("joins by itself as soon as the server can be reached", async () => {
    const expectedErrors = [/net::ERR_FAILED/];
    const page = await browser().openPage(gallery().url("/"), { expectedErrors });
    await page.route("**/matchmake/**", (route) => route.abort());
    await page.goto(gallery().url("/synced-progress-bar/?post=patient"));
    await page.locator("#sentence", { hasText: "The server cannot be reached." }).waitFor();
    await page.locator("#status", { hasText: "Disconnected" }).waitFor();
    await page.unroute("**/matchmake/**");
    await page.locator("#status", { hasText: "Connected" }).waitFor();
    await page.locator("#sentence:empty").waitFor({ state: "attached" });
  });

  it("reloads when the server says that a new version is here", async () => {
    const page = await browser().openPage(gallery().url("/synced-progress-bar/?post=newer"));
    await page.locator("#status", { hasText: "Connected" }).waitFor();
    const room = gallery().room("synced-progress-bar", "synced-progress-bar-newer");
    const reloaded = page.waitForEvent("load");
    for (const client of room.clients) client.leave(CloseCode.VERSION_MISMATCH);
    await reloaded;
    await page.locator("#status", { hasText: "Connected" }).waitFor();
  });

  it("reloads once only when the version stays another one, and says so", async () => {
    const expectedErrors = [/status of 400/];
    const page = await browser().openPage(gallery().url("/"), { expectedErrors });
    const sync = { code: "version-mismatch", message: "another version" };
    let joins = 0;
    await page.route("**/matchmake/**", (route) => {
      joins += 1;
      return route.fulfill({ status: 400, json: { code: 400, error: "no", sync } });
    });
    await page.goto(gallery().url("/synced-progress-bar/?post=older"));
    const sentence = "A new version is here. Reload the page to get it.";
    await page.locator("#sentence", { hasText: sentence }).waitFor();
    assert.equal(joins, 2);
  });

  it("tells round trip, patch bytes and ticks", async () => {
    const page = await browser().openPage(gallery().url("/mini-place/?board=traffic&size=8"));
    for (const text of [/^Round trip(< )?\d+ ms$/, /^Patches\d+ B\/s$/, /^Ticks20\/s$/]) {
      await page.locator("#traffic div", { hasText: text }).waitFor();
    }
  });

  for (const { name, options } of [
    { name: "desktop", options: DESKTOP },
    { name: "phone", options: PHONE },
    { name: "desktop dark", options: { ...DESKTOP, colorScheme: "dark" as const } },
  ]) {
    it(`has its picture taken (${name})`, async () => {
      const home = await browser().openPage(gallery().url("/"), options);
      await keepPicture(home, `gallery ${name}`);

      const board = await browser().openPage(gallery().url("/mini-place/"), options);
      await new BoardPage(board).waitForBoard();
      paintArt(gallery().room("mini-place", "mini-place-256-main").state.canvas);
      await board.locator("#traffic dd", { hasText: " ms" }).waitFor();
      await waitUntil(async () => (await middleColor(board)) !== "#ffffff", {
        what: "the art is on the screen",
      });
      await keepPicture(board, `mini place ${name}`);

      const post = name.replaceAll(" ", "-");
      const url = gallery().url(`/synced-progress-bar/?post=${post}`);
      const bar = await browser().openPage(url, options);
      for (let step = 0; step < 7; step++) await bar.locator("#add:enabled").click();
      await bar.locator("#percent", { hasText: "70" }).waitFor();
      await keepPicture(bar, `synced progress bar ${name}`);
    });
  }
});

async function middleColor(page: Page): Promise<string> {
  const box = await page.locator("#board canvas").boundingBox();
  if (!box) return "#ffffff";
  return screenColor(page, box.x + box.width / 2, box.y + box.height / 2);
}

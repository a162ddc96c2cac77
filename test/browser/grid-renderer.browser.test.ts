import assert from "node:assert/strict";
import { join } from "node:path";
import type { JSHandle, Page } from "playwright-core";
import type { RendererKind } from "../../client/pixi/index.ts";
import { useBrowser } from "../support/browser.ts";
import { bundleScript } from "../support/bundle.ts";
import { screenColor } from "../support/screen-color.ts";
import { waitUntil } from "../support/wait-until.ts";
import type { RendererStage } from "./pages/grid-renderer-page.ts";

const COLORS = ["#ffffff", "#ff0000", "#00ff00", "#0000ff"];
const FAVICON = '<link rel="icon" href="data:,">';

/** A page with nothing but a renderer on it. */
class Stage {
  readonly page: Page;
  readonly handle: JSHandle<RendererStage>;

  constructor(page: Page, handle: JSHandle<RendererStage>) {
    this.page = page;
    this.handle = handle;
  }

  async middleOf(x: number, y: number): Promise<{ x: number; y: number }> {
    return this.handle.evaluate((stage, cell) => stage.middleOf(cell.x, cell.y), { x, y });
  }

  async waitForColor(x: number, y: number, color: string): Promise<void> {
    const what = `cell ${x}, ${y} is ${color} on the screen`;
    const middle = await this.middleOf(x, y);
    await waitUntil(async () => (await screenColor(this.page, middle.x, middle.y)) === color, {
      what,
    });
  }

  /** How many frames are drawn until two frames after everything asked for has been drawn. */
  async countDraws(): Promise<number> {
    return this.page.evaluate(async () => {
      const counter = globalThis as unknown as { draws: number };
      const nextFrame = (): Promise<unknown> => new Promise(requestAnimationFrame);
      await nextFrame();
      await nextFrame();
      const { draws } = counter;
      counter.draws = 0;
      return draws;
    });
  }
}

describe("GridRenderer", () => {
  const browser = useBrowser();
  let script: string;

  before(async () => {
    script = await bundleScript(join(import.meta.dirname, "pages/grid-renderer-page.ts"));
  });

  async function openStage(width: number, height: number, prefer: RendererKind): Promise<Stage> {
    const page = await browser().openPage(`data:text/html,${FAVICON}`);
    await page.evaluate(() => {
      const counter = globalThis as unknown as { draws: number };
      counter.draws = 0;
      const { prototype } = WebGL2RenderingContext;
      const clear = Reflect.get(prototype, "clear");
      prototype.clear = function (mask: number) {
        counter.draws += 1;
        clear.call(this, mask);
      };
    });
    await page.addScriptTag({ content: script });
    const handle = await page.evaluateHandle(
      (size) => {
        const { RendererStage: Opened } = globalThis as unknown as {
          RendererStage: typeof RendererStage;
        };
        return Opened.open(size.width, size.height, size.prefer);
      },
      { width, height, prefer },
    );
    return new Stage(page, handle);
  }

  for (const kind of ["webgl", "canvas"] as const) {
    it(`draws every cell in its color with ${kind}, rows of odd length too`, async () => {
      const stage = await openStage(7, 5, kind);
      assert.equal(await stage.handle.evaluate(({ renderer }) => renderer.kind), kind);
      for (let index = 0; index < 35; index += 4) {
        const color = COLORS[index % 4] ?? "";
        await stage.waitForColor(index % 7, Math.floor(index / 7), color);
      }
    });

    it(`draws what changed, and only that, with ${kind}`, async () => {
      const stage = await openStage(7, 5, kind);
      await stage.handle.evaluate(({ grid }) => grid.setCells([8, 23], 3));
      await stage.waitForColor(1, 1, "#0000ff");
      await stage.waitForColor(2, 3, "#0000ff");
      await stage.waitForColor(2, 1, "#ff0000");
      await stage.waitForColor(1, 3, "#00ff00");
      await stage.handle.evaluate(({ grid }) => grid.fill(2));
      await stage.waitForColor(0, 0, "#00ff00");
      await stage.waitForColor(6, 4, "#00ff00");
    });

    it(`shows another grid when it is attached again with ${kind}`, async () => {
      const stage = await openStage(7, 5, kind);
      const next = await stage.handle.evaluateHandle((opened) => opened.replaceGrid(16, 12));
      await stage.waitForColor(15, 11, "#0000ff");
      await next.evaluate((grid) => grid.setCells([191], 1));
      await stage.waitForColor(15, 11, "#ff0000");
      assert.equal(await stage.handle.evaluate(({ grid }) => grid.listenerCount), 0);
    });
  }

  it("falls back to a canvas in a browser without WebGL", async () => {
    const page = await browser().openPage(`data:text/html,${FAVICON}`);
    await page.evaluate(() => {
      const { prototype } = HTMLCanvasElement;
      const open = Reflect.get(prototype, "getContext") as (...all: unknown[]) => unknown;
      Reflect.set(prototype, "getContext", function (this: unknown, ...all: unknown[]) {
        return String(all[0]).startsWith("webgl") ? null : open.apply(this, all);
      });
    });
    await page.addScriptTag({ content: script });
    const handle = await page.evaluateHandle(() => {
      const opened = globalThis as unknown as { RendererStage: typeof RendererStage };
      return opened.RendererStage.open(4, 4, "webgl");
    });
    const stage = new Stage(page, handle);
    assert.equal(await handle.evaluate(({ renderer }) => renderer.kind), "canvas");
    await stage.waitForColor(3, 3, "#0000ff");
  });

  it("draws once for many changes in a frame, and never when nothing changed", async () => {
    const stage = await openStage(64, 64, "webgl");
    await stage.countDraws();
    assert.equal(await stage.countDraws(), 0);
    await stage.handle.evaluate(({ grid }) => {
      for (let index = 0; index < 1_000; index++) grid.setCells([index], 1);
    });
    assert.equal(await stage.countDraws(), 1);
  });

  it("keeps what is pending on top until it is answered", async () => {
    const stage = await openStage(8, 8, "webgl");
    await stage.handle.evaluate(({ renderer }) => {
      const answer = new Promise((_resolve, reject) => {
        Object.assign(globalThis, { rejectPixel: () => reject(new Error("no")) });
      });
      renderer.showPending({ x: 4, y: 4 }, 3, answer);
    });
    await stage.waitForColor(4, 4, "#0000ff");
    await stage.handle.evaluate(({ grid }) => grid.setCells([36], 2));
    await stage.waitForColor(4, 4, "#0000ff");
    await stage.page.evaluate(() => {
      (globalThis as unknown as { rejectPixel: () => void }).rejectPixel();
    });
    await stage.waitForColor(4, 4, "#00ff00");
  });

  it("finds cells under the mouse wherever it was panned and zoomed to", async () => {
    const stage = await openStage(64, 64, "webgl");
    const { page, handle } = stage;
    await page.mouse.move(200, 150);
    await page.mouse.wheel(0, -1_000);
    await page.mouse.down();
    await page.mouse.move(260, 190, { steps: 4 });
    await page.mouse.up();
    const { x, y } = await stage.middleOf(27, 30);
    await page.mouse.click(x, y);
    assert.deepEqual(await handle.evaluate(({ painted }) => painted), ["27,30 mouse"]);
    assert.equal(await handle.evaluate(({ pointed }) => pointed.at(-1)), "27,30");
  });

  it("pans and zooms with two fingers, and does not paint with them", async () => {
    const stage = await openStage(64, 64, "webgl");
    const before = await stage.handle.evaluate(({ renderer }) => renderer.camera.zoom);
    await stage.handle.evaluate(({ renderer: { canvas } }) => {
      const send = (type: string, pointerId: number, clientX: number): void => {
        const at = { pointerId, clientX, clientY: 150, pointerType: "touch", button: 0 };
        canvas.dispatchEvent(new PointerEvent(type, at));
      };
      // A made-up pointer cannot be captured.
      canvas.setPointerCapture = () => undefined;
      send("pointerdown", 1, 150);
      send("pointerdown", 2, 250);
      send("pointermove", 1, 100);
      send("pointermove", 2, 300);
      send("pointerup", 1, 100);
      send("pointerup", 2, 300);
    });
    const after = await stage.handle.evaluate(({ renderer }) => renderer.camera.zoom);
    assert.ok(Math.abs(after / before - 2) < 0.01, `zoomed by ${after / before}`);
    assert.deepEqual(await stage.handle.evaluate(({ painted }) => painted), []);
  });

  it("moves a cursor with the arrow keys, follows it, and paints under it", async () => {
    const stage = await openStage(64, 64, "webgl");
    const { page, handle } = stage;
    await page.keyboard.press("Tab");
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    await page.keyboard.press("ArrowLeft");
    for (let presses = 0; presses < 4; presses++) await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Enter");
    assert.deepEqual(await handle.evaluate(({ painted }) => painted), ["0,32 keyboard"]);
    const { x } = await stage.middleOf(0, 32);
    assert.ok(x > 0);
    await page.keyboard.press("0");
    const isFitted = await handle.evaluate(({ renderer: { camera } }) => {
      return camera.zoom === camera.fitZoom;
    });
    assert.ok(isFitted);
  });

  it("draws again when the graphics card comes back", async () => {
    const stage = await openStage(7, 5, "webgl");
    await stage.handle.evaluate(async ({ renderer: { canvas }, grid }) => {
      const lose = canvas.getContext("webgl2")?.getExtension("WEBGL_lose_context");
      const lost = new Promise((resolve) => canvas.addEventListener("webglcontextlost", resolve));
      lose?.loseContext();
      await lost;
      // It can be restored only when every listener has heard of the loss.
      await new Promise(requestAnimationFrame);
      const restored = new Promise((resolve) => {
        canvas.addEventListener("webglcontextrestored", resolve);
      });
      grid.setCells([8], 3);
      lose?.restoreContext();
      await restored;
    });
    await stage.waitForColor(1, 1, "#0000ff");
    await stage.waitForColor(6, 4, "#00ff00");
  });

  it("leaves nothing behind when it is destroyed", async () => {
    const stage = await openStage(7, 5, "webgl");
    await stage.handle.evaluate(({ renderer, grid }) => {
      let settle = (): void => undefined;
      renderer.showPending({ x: 1, y: 1 }, 1, new Promise<void>((resolve) => (settle = resolve)));
      grid.setCells([3], 1);
      renderer.destroy();
      renderer.destroy();
      settle();
      grid.setCells([4], 1);
    });
    assert.equal(await stage.page.locator("canvas").count(), 0);
    assert.equal(await stage.handle.evaluate(({ grid }) => grid.listenerCount), 0);
    await stage.countDraws();
    assert.equal(await stage.countDraws(), 0);
  });
});

import type { Page } from "playwright-core";
import { screenColor } from "./screen-color.ts";
import { waitUntil } from "./wait-until.ts";

/** The cell that `boardPath` puts into the middle of the view, and how large cells are there. */
export const CENTER = { x: 4, y: 4 };
const ZOOM = 40;

/** The path of a board, opened so that its cells are large and their places are known. */
export function boardPath(board: string, size = 256): string {
  return `/mini-place/?board=${board}&size=${size}&x=${CENTER.x}&y=${CENTER.y}&zoom=${ZOOM}`;
}

/** A Mini Place page opened with `boardPath`, seen with a visitor's eyes. */
export class BoardPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Ready when the board's state is there. */
  async waitForBoard(): Promise<void> {
    await this.waitForStatus("Connected");
    await this.page.locator("#board canvas").waitFor();
    await this.page.locator("#viewers", { hasText: "watching" }).waitFor();
  }

  async waitForStatus(word: string): Promise<void> {
    await this.page.locator("#status", { hasText: new RegExp(`^${word}$`) }).waitFor();
  }

  async waitForSentence(sentence: string | RegExp): Promise<void> {
    await this.page.locator("#sentence", { hasText: sentence }).waitFor();
  }

  async choose(color: string): Promise<void> {
    await this.page.getByRole("radio", { name: color, exact: true }).check();
  }

  async click(cell: { x: number; y: number }): Promise<void> {
    const { x, y } = await this.placeOf(cell);
    await this.page.mouse.click(x, y);
  }

  async colorOf(cell: { x: number; y: number }): Promise<string> {
    const { x, y } = await this.placeOf(cell);
    return screenColor(this.page, x, y);
  }

  async waitForColor(cell: { x: number; y: number }, color: string): Promise<void> {
    const what = `cell ${cell.x}, ${cell.y} is ${color} on the screen`;
    await waitUntil(async () => (await this.colorOf(cell)) === color, { what });
  }

  /** The middle of a cell on the page. */
  async placeOf(cell: { x: number; y: number }): Promise<{ x: number; y: number }> {
    const box = await this.page.locator("#board canvas").boundingBox();
    if (!box) throw new Error("the board has no place on the page");
    return {
      x: box.x + box.width / 2 + (cell.x - CENTER.x) * ZOOM,
      y: box.y + box.height / 2 + (cell.y - CENTER.y) * ZOOM,
    };
  }
}

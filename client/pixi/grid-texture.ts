import { BufferImageSource } from "pixi.js";
import type { DrawableGrid } from "./grid-layer.ts";

/**
 * A grid's cells on the graphics card, one byte a cell. The texture reads the grid's own
 * bytes, so that nothing is copied but what changed.
 */
export class GridTexture {
  readonly source: BufferImageSource;
  readonly #width: number;

  constructor(grid: DrawableGrid) {
    this.#width = grid.width;
    this.source = new BufferImageSource({
      resource: grid.cells,
      width: grid.width,
      height: grid.height,
      format: "r8unorm",
      alphaMode: "no-premultiply-alpha",
      scaleMode: "nearest",
      // An idle board would otherwise lose its texture and pay for a full upload later.
      autoGarbageCollect: false,
    });
  }

  /** Whether the texture still reads the bytes that this grid writes. */
  reads(grid: DrawableGrid): boolean {
    const { resource, width, height } = this.source;
    return resource === grid.cells && width === grid.width && height === grid.height;
  }

  /** One upload: within a row as it is, over several rows widened to whole rows. */
  upload(start: number, end: number): void {
    const firstRow = Math.floor(start / this.#width);
    const lastRow = Math.floor((end - 1) / this.#width);
    if (firstRow === lastRow) this.source.update(start, end);
    else this.source.update(firstRow * this.#width, (lastRow + 1) * this.#width);
  }

  destroy(): void {
    this.source.destroy();
  }
}

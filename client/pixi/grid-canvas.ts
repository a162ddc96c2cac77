import { CanvasSource, Container, Sprite, Texture } from "pixi.js";
import type { DrawableGrid, GridLayer } from "./grid-layer.ts";
import type { Palette } from "./palette.ts";
import { colorCells, paletteToRgba } from "./palette.ts";

/** Draws a grid without WebGL: a canvas with one pixel per cell, scaled up. */
export class GridCanvas implements GridLayer {
  readonly view = new Container();
  readonly #paletteRgba: Uint8Array<ArrayBuffer>;
  readonly #canvas = document.createElement("canvas");
  #grid: DrawableGrid | undefined;
  #sprite: Sprite | undefined;

  constructor(palette: Palette) {
    this.#paletteRgba = paletteToRgba(palette);
  }

  isShowing(grid: DrawableGrid): boolean {
    if (!this.#sprite || this.#grid !== grid) return false;
    return grid.width === this.#canvas.width && grid.height === this.#canvas.height;
  }

  show(grid: DrawableGrid): void {
    const { width, height } = grid;
    this.#removeSprite();
    this.#grid = grid;
    // A grid has no cells until its first full state.
    if (width === 0 || height === 0) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    const source = new CanvasSource({ resource: this.#canvas, scaleMode: "nearest" });
    this.#sprite = new Sprite(new Texture({ source }));
    this.view.addChild(this.#sprite);
    this.update(0, width * height);
  }

  update(start: number, end: number): void {
    const grid = this.#grid;
    const context = this.#canvas.getContext("2d");
    if (!grid || !context || !this.#sprite) return;
    const { width } = grid;
    const firstRow = Math.floor(start / width);
    const rows = Math.ceil(end / width) - firstRow;
    const image = context.createImageData(width, rows);
    const firstIndex = firstRow * width;
    const lastIndex = firstIndex + rows * width;
    colorCells(grid.cells, firstIndex, lastIndex, this.#paletteRgba, image.data);
    context.putImageData(image, 0, firstRow);
    this.#sprite.texture.source.update();
  }

  destroy(): void {
    this.#removeSprite();
    this.view.destroy();
  }

  #removeSprite(): void {
    this.#sprite?.destroy({ texture: true, textureSource: true });
    this.#sprite = undefined;
  }
}

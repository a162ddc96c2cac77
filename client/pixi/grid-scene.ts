import { Container, type Renderer } from "pixi.js";
import type { Camera } from "./camera.ts";
import type { PixiRenderer } from "./create-pixi-renderer.ts";
import { DirtySpan } from "./dirty-span.ts";
import { GridCanvas } from "./grid-canvas.ts";
import type { DrawableGrid, GridLayer } from "./grid-layer.ts";
import { GridMesh } from "./grid-mesh.ts";
import { GridOverlay, type GridMarks } from "./grid-overlay.ts";
import type { Palette } from "./palette.ts";
import type { Viewport } from "./viewport.ts";

/** What is drawn: the cells of a grid, and marks over them. It draws when it is told to. */
export class GridScene {
  readonly canvas: HTMLCanvasElement;
  readonly #renderer: Renderer;
  readonly #stage = new Container();
  readonly #layer: GridLayer;
  readonly #overlay: GridOverlay;
  readonly #dirty = new DirtySpan();
  #grid: DrawableGrid | undefined;
  #viewport: Viewport = { width: 1, height: 1, pixelRatio: 1 };

  constructor({ kind, renderer }: PixiRenderer, palette: Palette) {
    this.canvas = renderer.canvas;
    this.#renderer = renderer;
    this.#layer = kind === "webgl" ? new GridMesh(palette) : new GridCanvas(palette);
    this.#overlay = new GridOverlay(palette);
    this.#stage.addChild(this.#layer.view, this.#overlay.view);
  }

  /** All cells of this grid from now on. False: it is the one that is shown already. */
  show(grid: DrawableGrid): boolean {
    this.#grid = grid;
    if (this.#layer.isShowing(grid)) {
      this.#dirty.addRange(0, grid.width * grid.height);
      return false;
    }
    this.#dirty.take();
    this.#layer.show(grid);
    return true;
  }

  /** The cells from `start` up to and without `end` are others: the next drawing has them. */
  change(start: number, end: number): void {
    this.#dirty.addRange(start, end);
  }

  /** Empties the canvas. */
  resize(viewport: Viewport): void {
    this.#viewport = viewport;
    this.#renderer.resize(viewport.width, viewport.height, viewport.pixelRatio);
  }

  draw(camera: Camera, marks: Pick<GridMarks, "pending" | "hovered" | "cursor">): void {
    const span = this.#dirty.take();
    if (span) this.#layer.update(span.start, span.end);
    const { zoom, origin } = camera;
    this.#layer.view.scale.set(zoom);
    this.#layer.view.position.set(origin.x, origin.y);
    this.#overlay.draw(camera, {
      gridWidth: this.#grid?.width ?? 0,
      gridHeight: this.#grid?.height ?? 0,
      viewWidth: this.#viewport.width,
      viewHeight: this.#viewport.height,
      ...marks,
    });
    this.#renderer.render(this.#stage);
  }

  destroy(): void {
    this.#layer.destroy();
    this.#overlay.destroy();
    this.#stage.destroy();
    this.#renderer.destroy({ removeView: true });
  }
}

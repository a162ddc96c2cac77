import type { Unsubscribe } from "../../shared/emitter.ts";
import { Emitter } from "../../shared/emitter.ts";
import type { GridChange } from "../../shared/state/cell-changes.ts";
import type { Cell, ScreenCell, ScreenPoint } from "./camera.ts";
import { Camera } from "./camera.ts";
import type { PixiRenderer, RendererKind } from "./create-pixi-renderer.ts";
import { createPixiRenderer } from "./create-pixi-renderer.ts";
import { FrameRequest } from "./frame-request.ts";
import { GridControls, type PaintInput } from "./grid-controls.ts";
import { GridCursor } from "./grid-cursor.ts";
import type { DrawableGrid } from "./grid-layer.ts";
import { GridScene } from "./grid-scene.ts";
import type { Palette } from "./palette.ts";
import { PendingCells } from "./pending-cells.ts";
import type { Viewport } from "./viewport.ts";
import { observeViewport } from "./viewport.ts";

/** Where a grid is shown, and what as. */
export interface GridRendererOptions {
  /** Fills this element, which must have a size of its own. */
  parent: HTMLElement;
  /** Colours by cell value. */
  palette: Palette;
  /** What a screen reader calls the grid. */
  label: string;
  /** WebGL unless this says otherwise or the browser has none. */
  prefer?: RendererKind;
}

/**
 * Shows a grid that one can move about in, zoom and paint on.
 *
 * It draws only when something changed: at most once a frame, with at most one upload of
 * what changed since the frame before. `attach` may be called again at any time, after a
 * rejoin for instance: the view, the cursor and what is pending stay.
 */
export class GridRenderer {
  readonly camera = new Camera();
  /** What it came out as: `"canvas"` where there is no WebGL 2. */
  readonly kind: RendererKind;
  readonly canvas: HTMLCanvasElement;
  readonly pending = new PendingCells(() => this.#frame.request());

  readonly #scene: GridScene;
  readonly #controls: GridControls;
  readonly #frame = new FrameRequest(() => this.#draw());
  readonly #cursor = new GridCursor();
  readonly #painted = new Emitter<[cell: Cell, input: PaintInput]>();
  readonly #viewChanged = new Emitter<[]>();
  readonly #endings: Unsubscribe[] = [];
  #grid: DrawableGrid | undefined;
  #detachGrid: Unsubscribe = () => undefined;

  static async create(options: GridRendererOptions): Promise<GridRenderer> {
    return new GridRenderer(await createPixiRenderer(options.prefer ?? "webgl"), options);
  }

  private constructor(pixi: PixiRenderer, { parent, palette, label }: GridRendererOptions) {
    this.kind = pixi.kind;
    this.#scene = new GridScene(pixi, palette);
    this.canvas = this.#scene.canvas;
    prepareCanvas(this.canvas, label);
    this.#controls = new GridControls(this.canvas, {
      camera: this.camera,
      cursor: this.#cursor,
      gridSize: () => ({ width: this.#grid?.width ?? 0, height: this.#grid?.height ?? 0 }),
      moveView: (move) => this.#moveView(move),
      paint: (cell, input) => this.#painted.emit(cell, input),
    });
    parent.append(this.canvas);
    this.#endings.push(
      this.#startControls(),
      this.#cursor.onChange(() => this.#frame.request()),
      observeViewport(parent, (viewport) => this.#resize(viewport)),
    );
  }

  /** Shows this grid from now on, and every change of it. */
  attach(grid: DrawableGrid): void {
    this.#detachGrid();
    const { width = grid.width, height = grid.height } = this.#grid ?? {};
    // What is pending is on cells of the grid before.
    if (width !== grid.width || height !== grid.height) this.pending.clear();
    this.#grid = grid;
    this.#detachGrid = grid.onChange((change) => this.#handleChange(grid, change));
    this.#showAll(grid);
  }

  /**
   * Shows a colour at once, as pending, until the server has answered: then its own value
   * shows, the chosen one or, after a rejection, the one that was there.
   */
  showPending(cell: Cell, color: number, answer: Promise<unknown>): void {
    const grid = this.#grid;
    if (!grid) return;
    const pending = this.pending.add(cell.y * grid.width + cell.x, color);
    const settle = (): void => this.pending.settle(pending);
    answer.then(settle, settle);
  }

  /** A cell was tapped, clicked, or chosen with Enter or the space bar. */
  onPaint(listener: (cell: Cell, input: PaintInput) => void): Unsubscribe {
    return this.#painted.on(listener);
  }

  /** The mouse or the keyboard's cursor points at another cell, or at none. */
  onPoint(listener: (cell: Cell | undefined) => void): Unsubscribe {
    return this.#cursor.onChange(listener);
  }

  /** The view was moved, zoomed or resized. */
  onViewChange(listener: () => void): Unsubscribe {
    return this.#viewChanged.on(listener);
  }

  /** The cell at a place of the canvas; nothing where there is no grid. */
  screenToCell(point: ScreenPoint): Cell | undefined {
    return this.camera.screenToCell(point);
  }

  /** Where a cell is on the canvas, in view or not. */
  cellToScreen(cell: Cell): ScreenCell {
    return this.camera.cellToScreen(cell);
  }

  zoomBy(factor: number): void {
    this.#moveView(() => this.camera.zoomBy(factor));
  }

  centerOn(cell: Cell, zoom?: number): void {
    this.#moveView(() => this.camera.centerOn(cell, zoom));
  }

  /** Shows the whole grid. */
  fit(): void {
    this.#moveView(() => this.camera.fit());
  }

  /** Takes everything away that `create` brought. Calling it again is a no-op. */
  destroy(): void {
    if (this.#endings.length === 0) return;
    for (const end of this.#endings.splice(0)) end();
    this.#detachGrid();
    this.#frame.stop();
    this.#painted.clear();
    this.#viewChanged.clear();
    this.#scene.destroy();
  }

  #handleChange(grid: DrawableGrid, change: GridChange): void {
    if (change.kind === "all") {
      this.#showAll(grid);
      return;
    }
    const { indices, values } = change;
    // The indices ascend.
    this.#scene.change(indices[0] ?? 0, (indices.at(-1) ?? -1) + 1);
    if (this.pending.size > 0) {
      indices.forEach((index, at) => this.pending.confirm(index, values[at] ?? 0));
    }
    this.#frame.request();
  }

  #showAll(grid: DrawableGrid): void {
    this.#frame.request();
    if (!this.#scene.show(grid)) return;
    this.camera.setGrid(grid.width, grid.height);
    this.#viewChanged.emit();
  }

  #draw(): void {
    this.#scene.draw(this.camera, {
      pending: this.pending.shown(),
      hovered: this.#cursor.hovered,
      cursor: this.#cursor.shown,
    });
  }

  #resize(viewport: Viewport): void {
    this.#scene.resize(viewport);
    this.camera.resize(viewport.width, viewport.height);
    // At once and not in the next frame: resizing has emptied the canvas.
    this.#draw();
    this.#viewChanged.emit();
  }

  #moveView(move: () => void): void {
    move();
    this.#controls.handleViewMoved();
    this.#frame.request();
    this.#viewChanged.emit();
  }

  #startControls(): Unsubscribe {
    const stop = this.#controls.start();
    const handleRestored = (): void => this.#frame.request();
    this.canvas.addEventListener("webglcontextrestored", handleRestored);
    return () => {
      stop();
      this.canvas.removeEventListener("webglcontextrestored", handleRestored);
    };
  }
}

function prepareCanvas(canvas: HTMLCanvasElement, label: string): void {
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  canvas.style.display = "block";
  // Otherwise the browser takes fingers for scrolling and its own zoom.
  canvas.style.touchAction = "none";
}

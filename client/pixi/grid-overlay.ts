import { Container, Graphics } from "pixi.js";
import type { Camera, Cell } from "./camera.ts";
import type { Palette } from "./palette.ts";
import type { PendingCell } from "./pending-cells.ts";

/** What is drawn over the cells. */
export interface GridMarks {
  gridWidth: number;
  gridHeight: number;
  viewWidth: number;
  viewHeight: number;
  pending: readonly PendingCell[];
  /** Under the mouse. */
  hovered: Cell | undefined;
  /** Moved by the arrow keys. */
  cursor: Cell | undefined;
}

/** Lines between the cells are drawn from this many pixels per cell on. */
const MIN_ZOOM_FOR_LINES = 12;
/** A frame around a cell is never smaller than this, so that it can be seen from afar. */
const MIN_FRAME_PX = 9;
/** A pending cell leaves this part of its edge free on each side. */
const PENDING_INSET = 0.16;

/** Lines, pending cells and cursors, in pixels of the view so that no line grows with zoom. */
export class GridOverlay {
  readonly view = new Container();
  readonly #lines = new Graphics();
  readonly #marks = new Graphics();
  readonly #palette: Palette;

  constructor(palette: Palette) {
    this.#palette = palette;
    this.view.addChild(this.#lines, this.#marks);
  }

  draw(camera: Camera, marks: GridMarks): void {
    this.#lines.clear();
    this.#marks.clear();
    if (marks.gridWidth === 0 || marks.gridHeight === 0) return;
    this.#drawLines(camera, marks);
    for (const cell of marks.pending) this.#drawPending(camera, cell, marks.gridWidth);
    if (marks.hovered) this.#drawFrame(camera, marks.hovered, 1);
    if (marks.cursor) this.#drawFrame(camera, marks.cursor, 2);
  }

  destroy(): void {
    this.view.destroy({ children: true });
  }

  #drawLines(camera: Camera, { gridWidth, gridHeight, viewWidth, viewHeight }: GridMarks): void {
    const { zoom, origin } = camera;
    const right = origin.x + gridWidth * zoom;
    const bottom = origin.y + gridHeight * zoom;
    this.#lines
      .rect(origin.x - 0.5, origin.y - 0.5, gridWidth * zoom + 1, gridHeight * zoom + 1)
      .stroke({ width: 1, color: 0x808080, alpha: 0.6 });
    if (zoom < MIN_ZOOM_FOR_LINES) return;
    const firstX = Math.max(1, Math.ceil(-origin.x / zoom));
    const lastX = Math.min(gridWidth - 1, Math.floor((viewWidth - origin.x) / zoom));
    const top = Math.max(0, origin.y);
    const left = Math.max(0, origin.x);
    for (let x = firstX; x <= lastX; x++) {
      const at = Math.round(origin.x + x * zoom) - 0.5;
      this.#lines.moveTo(at, top).lineTo(at, Math.min(bottom, viewHeight));
    }
    const firstY = Math.max(1, Math.ceil(-origin.y / zoom));
    const lastY = Math.min(gridHeight - 1, Math.floor((viewHeight - origin.y) / zoom));
    for (let y = firstY; y <= lastY; y++) {
      const at = Math.round(origin.y + y * zoom) - 0.5;
      this.#lines.moveTo(left, at).lineTo(Math.min(right, viewWidth), at);
    }
    this.#lines.stroke({ width: 1, color: 0x808080, alpha: 0.28 });
  }

  /** A smaller square of the chosen colour, framed: there, but not yet for everybody. */
  #drawPending(camera: Camera, { index, color }: PendingCell, gridWidth: number): void {
    const cell = { x: index % gridWidth, y: Math.floor(index / gridWidth) };
    const { x, y, size } = camera.cellToScreen(cell);
    const inset = size * PENDING_INSET;
    const edge = size - 2 * inset;
    this.#marks.rect(x + inset, y + inset, edge, edge).fill(this.#palette[color] ?? "#ff00ff");
    if (size < MIN_FRAME_PX) return;
    this.#marks
      .rect(x + inset, y + inset, edge, edge)
      .stroke({ width: 1, color: 0x000000, alpha: 0.45, alignment: 1 });
  }

  /** Light inside dark, so that it shows on every colour. */
  #drawFrame(camera: Camera, cell: Cell, width: number): void {
    const { x, y, size } = camera.cellToScreen(cell);
    const edge = Math.max(size, MIN_FRAME_PX);
    const shift = (edge - size) / 2;
    this.#marks
      .rect(x - shift - width, y - shift - width, edge + 2 * width, edge + 2 * width)
      .stroke({ width, color: 0x111111, alignment: 0 })
      .rect(x - shift, y - shift, edge, edge)
      .stroke({ width, color: 0xffffff, alignment: 0 });
  }
}

/** A cell of a grid, counted from the top left. */
export interface Cell {
  x: number;
  y: number;
}

/** A place on the renderer's element, in CSS pixels from its top left. */
export interface ScreenPoint {
  x: number;
  y: number;
}

/** Where a cell is on the renderer's element; `size` is the length of its edge. */
export interface ScreenCell extends ScreenPoint {
  size: number;
}

/** Zoom is counted in CSS pixels per cell. */
export const MAX_ZOOM = 64;
/** A small grid is not blown up beyond this when it is fitted into the view. */
export const MAX_FIT_ZOOM = 48;
/** Free space around a fitted grid, in CSS pixels. */
const FIT_MARGIN = 16;
/** How far one can zoom out beyond the fitted view. */
const MIN_ZOOM_OF_FIT = 0.5;

/**
 * Which part of a grid is seen, and how large. Pure arithmetic: it knows neither pixi nor
 * the page. The middle of the view always stays on the grid, so that it cannot get lost.
 */
export class Camera {
  #viewWidth = 1;
  #viewHeight = 1;
  #gridWidth = 0;
  #gridHeight = 0;
  #centerX = 0;
  #centerY = 0;
  #zoom = 1;
  /** A fitted view stays fitted when the element changes its size, until somebody moves. */
  #isFitted = true;

  get zoom(): number {
    return this.#zoom;
  }

  /** The place of the grid, in cells, that is in the middle of the view. */
  get center(): { x: number; y: number } {
    return { x: this.#centerX, y: this.#centerY };
  }

  /** Where the grid's top left corner is in the view. */
  get origin(): ScreenPoint {
    return {
      x: this.#viewWidth / 2 - this.#centerX * this.#zoom,
      y: this.#viewHeight / 2 - this.#centerY * this.#zoom,
    };
  }

  get fitZoom(): number {
    if (this.#gridWidth === 0 || this.#gridHeight === 0) return 1;
    const across = (this.#viewWidth - 2 * FIT_MARGIN) / this.#gridWidth;
    const down = (this.#viewHeight - 2 * FIT_MARGIN) / this.#gridHeight;
    return Math.min(MAX_FIT_ZOOM, Math.max(Math.min(across, down), 0.01));
  }

  resize(viewWidth: number, viewHeight: number): void {
    this.#viewWidth = Math.max(1, viewWidth);
    this.#viewHeight = Math.max(1, viewHeight);
    if (this.#isFitted) this.fit();
    else this.#moveTo(this.#centerX, this.#centerY, this.#zoom);
  }

  /** Shows a grid of this size from now on. The view is kept when the size is the same. */
  setGrid(gridWidth: number, gridHeight: number): void {
    if (gridWidth === this.#gridWidth && gridHeight === this.#gridHeight) return;
    const wasEmpty = this.#gridWidth === 0 || this.#gridHeight === 0;
    this.#gridWidth = gridWidth;
    this.#gridHeight = gridHeight;
    // A view that was asked for before the grid arrived is what the first grid opens with.
    if (wasEmpty && !this.#isFitted) this.#moveTo(this.#centerX, this.#centerY, this.#zoom);
    else this.fit();
  }

  /** Shows the whole grid, as large as it fits. */
  fit(): void {
    this.#isFitted = true;
    this.#zoom = this.fitZoom;
    this.#centerX = this.#gridWidth / 2;
    this.#centerY = this.#gridHeight / 2;
  }

  panBy(deltaX: number, deltaY: number): void {
    const x = this.#centerX - deltaX / this.#zoom;
    const y = this.#centerY - deltaY / this.#zoom;
    this.#moveTo(x, y, this.#zoom);
  }

  /** Zooms by a factor; what is under `point` stays under it, as far as the edges allow. */
  zoomAt(point: ScreenPoint, factor: number): void {
    const zoom = this.#clampZoom(this.#zoom * factor);
    const fromMiddleX = point.x - this.#viewWidth / 2;
    const fromMiddleY = point.y - this.#viewHeight / 2;
    const x = this.#centerX + fromMiddleX / this.#zoom - fromMiddleX / zoom;
    const y = this.#centerY + fromMiddleY / this.#zoom - fromMiddleY / zoom;
    this.#moveTo(x, y, zoom);
  }

  /** Zooms by a factor around the middle of the view. */
  zoomBy(factor: number): void {
    this.zoomAt({ x: this.#viewWidth / 2, y: this.#viewHeight / 2 }, factor);
  }

  /** Puts the middle of a cell in the middle of the view. */
  centerOn(cell: Cell, zoom: number = this.#zoom): void {
    this.#moveTo(cell.x + 0.5, cell.y + 0.5, zoom);
  }

  /** Pans only as far as needed to see the whole cell and its neighbours. */
  reveal(cell: Cell): void {
    const { x, y, size } = this.cellToScreen(cell);
    const marginX = Math.min(size, Math.max(0, (this.#viewWidth - size) / 2));
    const marginY = Math.min(size, Math.max(0, (this.#viewHeight - size) / 2));
    const panX = panInto(x - marginX, x + size + marginX, this.#viewWidth);
    const panY = panInto(y - marginY, y + size + marginY, this.#viewHeight);
    if (panX !== 0 || panY !== 0) this.panBy(panX, panY);
  }

  /** The cell at a place of the view; nothing where there is no grid. */
  screenToCell(point: ScreenPoint): Cell | undefined {
    const { x: originX, y: originY } = this.origin;
    const x = Math.floor((point.x - originX) / this.#zoom);
    const y = Math.floor((point.y - originY) / this.#zoom);
    if (x < 0 || y < 0 || x >= this.#gridWidth || y >= this.#gridHeight) return undefined;
    return { x, y };
  }

  cellToScreen(cell: Cell): ScreenCell {
    const { x, y } = this.origin;
    return { x: x + cell.x * this.#zoom, y: y + cell.y * this.#zoom, size: this.#zoom };
  }

  #clampZoom(zoom: number): number {
    const fit = this.fitZoom;
    return Math.min(Math.max(zoom, fit * MIN_ZOOM_OF_FIT), Math.max(MAX_ZOOM, fit));
  }

  #moveTo(x: number, y: number, zoom: number): void {
    this.#isFitted = false;
    const isEmpty = this.#gridWidth === 0 || this.#gridHeight === 0;
    this.#zoom = isEmpty ? zoom : this.#clampZoom(zoom);
    this.#centerX = isEmpty ? x : Math.min(Math.max(x, 0), this.#gridWidth);
    this.#centerY = isEmpty ? y : Math.min(Math.max(y, 0), this.#gridHeight);
  }
}

/** How far a span has to move so that it lies within 0 and `length`. */
function panInto(start: number, end: number, length: number): number {
  if (start < 0) return -start;
  return end > length ? length - end : 0;
}

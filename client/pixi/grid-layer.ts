import type { Container } from "pixi.js";
import type { Grid } from "../../shared/state/grid.ts";

/**
 * Draws the cells of a grid, one unit of the view per cell. There is one for WebGL and one
 * for browsers without it.
 */
export interface GridLayer {
  readonly view: Container;
  /** Shows this grid, of whatever size, with all of its cells as they are now. */
  show(grid: Grid): void;
  /** Takes over the cells from `start` up to `end` of the grid shown last, in one upload. */
  update(start: number, end: number): void;
  destroy(): void;
}

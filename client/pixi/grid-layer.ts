import type { Container } from "pixi.js";
import type { Grid } from "../../shared/state/grid.ts";

/** What is needed of a grid to draw it. */
export type DrawableGrid = Pick<Grid, "width" | "height" | "cells" | "onChange">;

/**
 * Draws the cells of a grid, one unit of the view per cell. There is one for WebGL and one
 * for browsers without it.
 */
export interface GridLayer {
  readonly view: Container;
  /** Whether this very grid is shown, with the size and the memory that it has now. */
  isShowing(grid: DrawableGrid): boolean;
  /** Shows this grid, of whatever size, with all of its cells as they are now. */
  show(grid: DrawableGrid): void;
  /** Takes over the cells from `start` up to `end` of the grid shown last, in one upload. */
  update(start: number, end: number): void;
  destroy(): void;
}

import type { FieldBuilder } from "@colyseus/schema";
import { Grid } from "./grid.ts";
import type { GridShape } from "./grid-shape.ts";
import { shapeProblem } from "./grid-shape.ts";
import { packedField, registerPacked } from "./schema-hooks.ts";

/** The name under which grids travel in a schema; see `registerGrid`. */
const GRID_TYPE = "grid";

/**
 * Makes grids known to the schema of this process. `grid()` does it; a client that decodes
 * states without their classes has to call it before it joins.
 */
export function registerGrid(): void {
  registerPacked(GRID_TYPE, Grid);
}

/**
 * A field of a schema that holds a `Grid`. Every instance of the state begins with one of
 * this shape, all cells 0, with `.optional()` too; another `Grid`, or undefined where that
 * is typed, can be assigned at any time.
 */
export function grid(shape: GridShape): FieldBuilder<Grid, true> {
  const problem = shapeProblem(shape);
  if (problem !== undefined) throw new RangeError(problem);
  registerGrid();
  return packedField(GRID_TYPE, () => new Grid(shape));
}

import { MAX_GRID_COLORS, MAX_GRID_EDGE, MIN_GRID_COLORS } from "../limits.ts";

/** How large a grid is and how many values a cell can have: 0 to `colors - 1`. */
export interface GridShape {
  readonly width: number;
  readonly height: number;
  readonly colors: number;
}

/** What a grid on a client is until its first full state: no cells. */
export const NO_CELLS: GridShape = { width: 0, height: 0, colors: 0 };

export function isSameShape(one: GridShape, other: GridShape): boolean {
  return one.width === other.width && one.height === other.height && one.colors === other.colors;
}

/** What is wrong with `shape`, or undefined when a grid can have it. */
export function shapeProblem({ width, height, colors }: GridShape): string | undefined {
  return (
    rangeProblem("grid width", width, 1, MAX_GRID_EDGE) ??
    rangeProblem("grid height", height, 1, MAX_GRID_EDGE) ??
    rangeProblem("grid colours", colors, MIN_GRID_COLORS, MAX_GRID_COLORS)
  );
}

/** What is wrong with `value`, or undefined when it is an integer from `low` to `high`. */
export function rangeProblem(
  name: string,
  value: number,
  low: number,
  high: number,
): string | undefined {
  if (Number.isInteger(value) && value >= low && value <= high) return undefined;
  return `${name} ${value} is not an integer from ${low} to ${high}`;
}

/** Bits that hold any one cell: 1 for 2 colours, 5 for 32, 8 for 256. */
export function bitsPerCell(colors: number): number {
  return 32 - Math.clz32(colors - 1);
}

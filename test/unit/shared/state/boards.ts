import fc from "fast-check";
import type { GridShape } from "../../../../shared/state/grid-shape.ts";
import { runCount } from "../../../support/run-count.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

/** Another run of the property tests: SEED=<number>. The kept ones found something once. */
const SEEDS = process.env["SEED"] === undefined ? [1, 20_260_801] : [Number(process.env["SEED"])];
const RUNS_PER_SEED = runCount(60, 2_000);

/** A board with some picture on it, and some of its cells, ascending. */
export interface TestBoard extends GridShape {
  readonly cells: Uint8Array;
  readonly indices: Uint32Array;
}

/** Runs `check` over boards of all sizes, colours and densities, replayable by seed. */
export function checkBoards(check: (board: TestBoard) => void): void {
  const shapes = fc.record({
    width: fc.integer({ min: 1, max: 150 }),
    height: fc.integer({ min: 1, max: 60 }),
    colors: fc.oneof(
      fc.constantFrom(2, 3, 16, 32, 33, 128, 129, 255, 256),
      fc.integer({ min: 2, max: 256 }),
    ),
    /** How likely a cell differs from the one before it: stripes to noise. */
    noise: fc.constantFrom(0, 0.001, 0.05, 0.3, 1),
    /** How many of the cells are listed. */
    density: fc.constantFrom(0, 0.0005, 0.01, 0.2, 1),
    seed: fc.nat(),
  });
  const property = fc.property(shapes, (shape) => check(drawBoard(shape)));
  for (const seed of SEEDS) fc.assert(property, { seed, numRuns: RUNS_PER_SEED });
}

export function drawBoard({
  width,
  height,
  colors,
  noise,
  density,
  seed,
}: GridShape & { noise: number; density: number; seed: number }): TestBoard {
  const random = new SeededRandom(seed);
  const cells = new Uint8Array(width * height);
  const indices: number[] = [];
  let value = random.integer(0, colors - 1);
  for (let index = 0; index < cells.length; index++) {
    if (random.next() < noise) value = random.integer(0, colors - 1);
    cells[index] = value;
    if (random.next() < density) indices.push(index);
  }
  return { width, height, colors, cells, indices: Uint32Array.from(indices) };
}

import { Grid } from "../../shared/state/grid.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** A grid of some width, with something on it. */
export function shapedGrid(random: SeededRandom): Grid {
  const made = new Grid({ width: random.integer(1, 9), height: 4, colors: 16 });
  paint(made, random);
  return made;
}

/** Sets one to ten cells of a grid, where there is one. */
export function paint(target: Grid | undefined, random: SeededRandom): void {
  if (target === undefined) return;
  const { width, height, colors } = target;
  for (let at = random.integer(0, 9); at >= 0; at--) {
    const x = random.integer(0, width - 1);
    target.set(x, random.integer(0, height - 1), random.integer(0, colors - 1));
  }
}

/** `value`, seven times of ten. */
export function maybe<Value>(random: SeededRandom, value: Value): Value | undefined {
  return random.next() < 0.7 ? value : undefined;
}

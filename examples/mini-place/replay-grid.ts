import type { DrawableGrid } from "../../client/pixi/index.ts";
import { Emitter, type Unsubscribe } from "../../shared/emitter.ts";
import type { GridChange } from "../../shared/state/cell-changes.ts";
import type { ReplayedPixel } from "./state.ts";

/** What cells have before anybody is known to have painted them. */
const BLANK = 0;

/**
 * A board of its own that shows an earlier one as it was after so many of its latest pixels.
 * The pixels come oldest first. What lies before them is not known: their cells begin blank,
 * the others are as they are now.
 */
export class ReplayGrid implements DrawableGrid {
  readonly width: number;
  readonly height: number;
  readonly cells: Uint8Array;
  readonly #pixels: readonly ReplayedPixel[];
  /** The color of its cell before each pixel that is shown. */
  readonly #before: Uint8Array;
  readonly #changed = new Emitter<[change: GridChange]>();
  #shown = 0;

  constructor(
    live: Pick<DrawableGrid, "width" | "height" | "cells">,
    pixels: readonly ReplayedPixel[],
  ) {
    this.width = live.width;
    this.height = live.height;
    this.cells = live.cells.slice();
    this.#pixels = pixels.filter(([x, y]) => x < this.width && y < this.height);
    this.#before = new Uint8Array(this.#pixels.length);
    for (const [x, y] of this.#pixels) this.cells[y * this.width + x] = BLANK;
  }

  /** How many pixels there are to show. */
  get length(): number {
    return this.#pixels.length;
  }

  get shown(): number {
    return this.#shown;
  }

  /** How long ago the latest pixel that is shown was painted, or the first one will have been. */
  get ageMs(): number {
    return this.#pixels[Math.max(0, this.#shown - 1)]?.[3] ?? 0;
  }

  /** Goes to the moment after that many pixels, forwards or back. */
  show(count: number): void {
    const target = Math.min(this.length, Math.max(0, Math.round(count)));
    const touched = new Set<number>();
    while (this.#shown < target) touched.add(this.#paint());
    while (this.#shown > target) touched.add(this.#takeBack());
    if (touched.size === 0) return;
    const indices = Uint32Array.from(touched).toSorted();
    this.#changed.emit({ kind: "cells", indices, values: this.#valuesOf(indices) });
  }

  onChange(listener: (change: GridChange) => void): Unsubscribe {
    return this.#changed.on(listener);
  }

  #paint(): number {
    const [x, y, color] = this.#pixels[this.#shown]!;
    const index = y * this.width + x;
    this.#before[this.#shown] = this.cells[index]!;
    this.cells[index] = color;
    this.#shown += 1;
    return index;
  }

  #takeBack(): number {
    this.#shown -= 1;
    const [x, y] = this.#pixels[this.#shown]!;
    const index = y * this.width + x;
    this.cells[index] = this.#before[this.#shown]!;
    return index;
  }

  #valuesOf(indices: Uint32Array): Uint8Array {
    return Uint8Array.from(indices, (index) => this.cells[index]!);
  }
}

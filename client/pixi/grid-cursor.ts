import type { Unsubscribe } from "../../shared/emitter.ts";
import { Emitter } from "../../shared/emitter.ts";
import type { Cell } from "./camera.ts";

/**
 * Which cell is pointed at: with the mouse, or with a cursor that the arrow keys move. The
 * keyboard's cursor keeps its place while it is hidden.
 */
export class GridCursor {
  #hovered: Cell | undefined;
  #place: Cell | undefined;
  #isShown = false;
  readonly #changed = new Emitter<[cell: Cell | undefined]>();

  /** The cell under the mouse. */
  get hovered(): Cell | undefined {
    return this.#hovered;
  }

  /** The cell under the keyboard's cursor, while it is shown. */
  get shown(): Cell | undefined {
    return this.#isShown ? this.#place : undefined;
  }

  /** Another cell is pointed at, or none. */
  onChange(listener: (cell: Cell | undefined) => void): Unsubscribe {
    return this.#changed.on(listener);
  }

  hover(cell: Cell | undefined): void {
    if (cell?.x === this.#hovered?.x && cell?.y === this.#hovered?.y) return;
    this.#hovered = cell;
    this.#changed.emit(cell ?? this.shown);
  }

  /**
   * Moves the keyboard's cursor within the grid and returns where it is. The first move of a
   * hidden cursor only shows it: where it was last, else under the mouse, else at `start`.
   */
  move(delta: Cell, grid: { width: number; height: number }, start: Cell): Cell {
    const from = this.#place ?? this.#hovered ?? start;
    const place = {
      x: clamp(Math.floor(from.x) + (this.#isShown ? delta.x : 0), grid.width - 1),
      y: clamp(Math.floor(from.y) + (this.#isShown ? delta.y : 0), grid.height - 1),
    };
    this.#place = place;
    this.#isShown = true;
    this.#changed.emit(place);
    return place;
  }

  hide(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#changed.emit(this.#hovered);
  }

  /** The next move begins here. */
  placeAt(cell: Cell): void {
    this.#place = cell;
  }
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), Math.max(0, max));
}

import type { Unsubscribe } from "../emitter.ts";
import { Emitter } from "../emitter.ts";
import type { CellChanges, GridChange } from "./cell-changes.ts";
import type { DirtyCells } from "./dirty-cells.ts";
import type { GridBase } from "./grid-base.ts";
import { GridCells } from "./grid-cells.ts";
import type { GridShape } from "./grid-shape.ts";
import { rangeProblem, shapeProblem } from "./grid-shape.ts";
import { PackedCollection } from "./schema-hooks.ts";

export type CellListener = (x: number, y: number, value: number, previous: number) => void;

/**
 * A board of `width` x `height` cells, each a number from 0 to `colors - 1`, as a field of
 * a state. It costs one byte a cell in memory, a few bytes a changed cell on the wire, and
 * a compressed board for each joiner.
 *
 * Set it on the server, listen on the client; on a client it has no cells until the first
 * full state. Everything out of range is a RangeError, in production too.
 */
export class Grid extends PackedCollection {
  readonly #content: GridCells;
  readonly #onCell = new Emitter<[x: number, y: number, value: number, previous: number]>();
  readonly #onChange = new Emitter<[change: GridChange]>();

  /** Without a shape it is what a decoder fills. */
  constructor(shape?: GridShape) {
    const problem = shape && shapeProblem(shape);
    if (problem !== undefined) throw new RangeError(problem);
    const content = new GridCells(shape);
    super(content);
    this.#content = content;
  }

  get width(): number {
    return this.#content.shape.width;
  }

  get height(): number {
    return this.#content.shape.height;
  }

  get colors(): number {
    return this.#content.shape.colors;
  }

  /** Row by row, live: the same array for as long as the shape stays. Not to be written to. */
  get cells(): Uint8Array {
    return this.#content.cells;
  }

  /** The cells' values, row by row. */
  override [Symbol.iterator](): IterableIterator<number> {
    return this.#content.cells.values();
  }

  get(x: number, y: number): number {
    return this.#content.cells[this.#indexOf(x, y)]!;
  }

  /** Returns whether the cell changed. */
  set(x: number, y: number, value: number): boolean {
    const index = this.#indexOf(x, y);
    this.#checkValue(value);
    if (!this.#content.set(index, value)) return false;
    this.touch();
    return true;
  }

  fill(value: number): void {
    this.fillRect(0, 0, this.width, this.height, value);
  }

  fillRect(x: number, y: number, width: number, height: number, value: number): void {
    this.#checkRect(x, y, width, height);
    this.#checkValue(value);
    const row = new Uint8Array(width).fill(value);
    this.#setRows(x, y, height, () => row);
  }

  /** `values` has one value a cell, row by row. Nothing is set unless all of it is in range. */
  setRect(x: number, y: number, width: number, height: number, values: Uint8Array): void {
    this.#checkRect(x, y, width, height);
    if (values.length !== width * height) {
      throw new RangeError(`${values.length} values for ${width * height} cells`);
    }
    for (let at = 0; at < values.length; at++) this.#checkValue(values[at]!);
    this.#setRows(x, y, height, (row) => values.subarray(row * width, (row + 1) * width));
  }

  /** A copy of the cells, row by row. */
  getRect(x: number, y: number, width: number, height: number): Uint8Array {
    this.#checkRect(x, y, width, height);
    const values = new Uint8Array(width * height);
    for (let row = 0; row < height; row++) {
      const start = (y + row) * this.width + x;
      values.set(this.cells.subarray(start, start + width), row * width);
    }
    return values;
  }

  /**
   * On a client: once for each cell that a patch or a resync changed, after all of it is
   * applied. A grid has its first cells before anybody can listen: draw it, then listen.
   */
  onCell(listener: CellListener): Unsubscribe {
    return this.#onCell.on(listener);
  }

  /**
   * On a client: once for each patch or resync that changed anything, as a list of cells,
   * or as `{ kind: "all" }` when that would list a large part of a large board.
   */
  onChange(listener: (change: GridChange) => void): Unsubscribe {
    return this.#onChange.on(listener);
  }

  /** 32 bits over shape and cells: equal on both sides when they hold the same, and by chance. */
  checksum(): number {
    return this.#content.checksum() ?? 0;
  }

  /**
   * From now on, collects the cells that change, a tick at a time, for a base that somebody
   * is about to make; see `GridBase`.
   */
  trackChanges(): DirtyCells {
    return this.#content.trackChanges();
  }

  /** Ends `trackChanges` when nothing came of that base. */
  untrackChanges(changed: DirtyCells): void {
    this.#content.untrackChanges(changed);
  }

  /**
   * Joiners get `base` and what changed since, until the next one is set; the changes of the
   * last one are no longer tracked. Undefined: the grid makes its own again.
   */
  setBase(base: GridBase | undefined): void {
    this.#content.setBase(base);
  }

  toJSON(): GridShape {
    return { width: this.width, height: this.height, colors: this.colors };
  }

  protected override copy(): this {
    const copy = new Grid(this.width === 0 ? undefined : this.#content.shape);
    copy.cells.set(this.cells);
    return copy as this;
  }

  protected override announce(changes: CellChanges): void {
    if (this.#onCell.size > 0) {
      const width = this.width;
      changes.forEach((index, value, previous) => {
        this.#onCell.emit(index % width, Math.floor(index / width), value, previous);
      });
    }
    this.#onChange.emit(changes.change);
  }

  #setRows(x: number, y: number, height: number, valuesOf: (row: number) => Uint8Array): void {
    let isChanged = false;
    for (let row = 0; row < height; row++) {
      const start = (y + row) * this.width + x;
      if (this.#content.setRow(start, valuesOf(row))) isChanged = true;
    }
    if (isChanged) this.touch();
  }

  #indexOf(x: number, y: number): number {
    const { width, height } = this.#content.shape;
    // `>>> 0` keeps exactly the integers from 0 to 2^32 - 1.
    if (x >>> 0 !== x || x >= width) throw new RangeError(rangeProblem("x", x, 0, width - 1));
    if (y >>> 0 !== y || y >= height) throw new RangeError(rangeProblem("y", y, 0, height - 1));
    return y * width + x;
  }

  #checkRect(x: number, y: number, width: number, height: number): void {
    const problem =
      rangeProblem("x", x, 0, this.width - 1) ??
      rangeProblem("y", y, 0, this.height - 1) ??
      rangeProblem("rectangle width", width, 0, this.width - x) ??
      rangeProblem("rectangle height", height, 0, this.height - y);
    if (problem !== undefined) throw new RangeError(problem);
  }

  #checkValue(value: number): void {
    const { colors } = this.#content.shape;
    if (value >>> 0 !== value || value >= colors) {
      throw new RangeError(rangeProblem("cell value", value, 0, colors - 1));
    }
  }
}

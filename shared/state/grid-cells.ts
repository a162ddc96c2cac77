import { decodeAllCells, encodeAllCells, isAllCells } from "./all-cells.ts";
import type { CellChanges } from "./cell-changes.ts";
import { applyPatch, exchangeCells, NEW_BOARD } from "./cell-changes.ts";
import { decodeCellPatch, encodeCellPatch } from "./cell-patch.ts";
import { checksum32 } from "./checksum.ts";
import { DirtyCells } from "./dirty-cells.ts";
import { decodeFullState, encodeFullState } from "./full-state.ts";
import type { GridBase } from "./grid-base.ts";
import type { GridShape } from "./grid-shape.ts";
import { bitsPerCell, isSameShape, NO_CELLS } from "./grid-shape.ts";
import type { PackedContent } from "./schema-hooks.ts";
import { stateMalformed } from "./state-malformed.ts";

/**
 * A base of our own is written anew when the changes since take more bytes than one in this
 * many of the base (what joiners pay), and of the cells (what another pass costs us).
 */
const BASE_BYTES_PER_CHANGE_BYTE = 8;
const CELLS_PER_CHANGE_BYTE = 256;
/** A patch of more than one cell in this many is compared with writing all cells. */
const CELLS_PER_PATCHED_CELL = 16;

/**
 * The cells of one grid and their bytes on the wire. With a shape it is the server's: it
 * tracks what changes. Without one it is a client's, and takes shape from the first full
 * state. Encoding has no effect that the next encoding sees: it may run any number of
 * times a tick, and is done once.
 */
export class GridCells implements PackedContent {
  #shape: GridShape = NO_CELLS;
  #cells: Uint8Array = new Uint8Array(0);
  readonly #dirty: DirtyCells | undefined;
  readonly #trackers = new Set<DirtyCells>();
  #base: GridBase | undefined;
  #isOwnBase = false;
  #patch: readonly Uint8Array[] | undefined;
  #fullState: readonly Uint8Array[] | undefined;
  #checksum: number | undefined;

  constructor(shape: GridShape | undefined) {
    if (shape === undefined) return;
    const { width, height, colors } = shape;
    this.#shape = { width, height, colors };
    this.#cells = new Uint8Array(sharedMemory(width * height));
    this.#dirty = new DirtyCells(width * height);
  }

  get shape(): GridShape {
    return this.#shape;
  }

  get cells(): Uint8Array {
    return this.#cells;
  }

  /** Neither index nor value is checked. */
  set(index: number, value: number): boolean {
    if (this.#cells[index] === value) return false;
    this.#cells[index] = value;
    this.#dirty?.add(index);
    this.#forgetResults();
    return true;
  }

  /** Sets as many cells as there are values, from `start` on; returns whether any changed. */
  setRow(start: number, values: Uint8Array): boolean {
    const cells = this.#cells;
    let isChanged = false;
    for (let at = 0; at < values.length; at++) {
      const index = start + at;
      if (cells[index] === values[at]) continue;
      cells[index] = values[at]!;
      this.#dirty?.add(index);
      isChanged = true;
    }
    if (isChanged) this.#forgetResults();
    return isChanged;
  }

  checksum(): number | undefined {
    const { width, height, colors } = this.#shape;
    if (width === 0) return undefined;
    if (this.#checksum !== undefined) return this.#checksum;
    const checksum = checksum32(this.#cells, [width, height, colors]);
    // Remembered where every change is known. A client's is to find what nobody told it.
    if (this.#dirty !== undefined) this.#checksum = checksum;
    return checksum;
  }

  trackChanges(): DirtyCells {
    const tracker = new DirtyCells(this.#cells.length);
    this.#trackers.add(tracker);
    return tracker;
  }

  untrackChanges(tracker: DirtyCells): void {
    this.#trackers.delete(tracker);
  }

  setBase(base: GridBase | undefined): void {
    if (this.#base) this.untrackChanges(this.#base.changed);
    this.#base = base;
    this.#isOwnBase = false;
    this.#fullState = undefined;
  }

  encodeFullState(): readonly Uint8Array[] {
    this.#fullState ??= this.#writeFullState();
    return this.#fullState;
  }

  encodePatch(): readonly Uint8Array[] {
    this.#patch ??= [this.#writePatch()];
    return this.#patch;
  }

  endTick(): void {
    const dirty = this.#dirty;
    if (dirty === undefined) return;
    for (const tracker of this.#trackers) tracker.addAll(dirty);
    dirty.clear();
    this.#patch = undefined;
  }

  decodeFullState(body: Uint8Array): CellChanges | undefined {
    const { shape, cells } = decodeFullState(body);
    if (isSameShape(shape, this.#shape)) return exchangeCells(this.#cells, cells);
    this.#shape = shape;
    this.#cells = cells;
    return NEW_BOARD;
  }

  decodePatch(body: Uint8Array): CellChanges | undefined {
    const { colors } = this.#shape;
    const cells = this.#cells;
    if (cells.length === 0) throw stateMalformed("patch for a grid that has no full state yet");
    if (isAllCells(body)) return exchangeCells(cells, decodeAllCells(body, cells.length, colors));
    return applyPatch(cells, decodeCellPatch(body, cells.length, colors));
  }

  #forgetResults(): void {
    this.#patch = undefined;
    this.#fullState = undefined;
    this.#checksum = undefined;
  }

  #writeFullState(): readonly Uint8Array[] {
    const base = this.#base;
    const changes = base && this.#changesSince(base);
    if (base && changes && !(this.#isOwnBase && this.#isOutdated(base, changes))) {
      return encodeFullState(this.#shape, base.body, changes);
    }
    // All cells as they are now: nothing has changed since.
    const none = encodeCellPatch(this.#cells, this.#shape.colors, new Uint32Array(0));
    return encodeFullState(this.#shape, this.#makeBase(), none);
  }

  #isOutdated({ body }: GridBase, changes: Uint8Array): boolean {
    const allowance =
      body.length / BASE_BYTES_PER_CHANGE_BYTE + this.#cells.length / CELLS_PER_CHANGE_BYTE;
    return changes.length > allowance;
  }

  #makeBase(): Uint8Array {
    const body = encodeAllCells(this.#cells, this.#shape.colors);
    this.setBase({ body, changed: this.trackChanges() });
    this.#isOwnBase = true;
    return body;
  }

  #changesSince({ changed }: GridBase): Uint8Array {
    // This tick's cells join the tracked ones early: too many is as right as just enough.
    if (this.#dirty) changed.addAll(this.#dirty);
    return encodeCellPatch(this.#cells, this.#shape.colors, changed.sorted());
  }

  #writePatch(): Uint8Array {
    const { colors } = this.#shape;
    const dirty = this.#dirty;
    // What a client decoded may be put into a state of its own: nothing told its changes.
    if (dirty === undefined) return encodeAllCells(this.#cells, colors);
    if (dirty.count * CELLS_PER_PATCHED_CELL <= this.#cells.length) {
      return encodeCellPatch(this.#cells, colors, dirty.sorted());
    }
    const all = encodeAllCells(this.#cells, colors);
    const leastPatchBytes = (dirty.count * (bitsPerCell(colors) + 1)) / 8;
    if (all.length <= leastPatchBytes) return all;
    const patch = encodeCellPatch(this.#cells, colors, dirty.sorted());
    return all.length < patch.length ? all : patch;
  }
}

/** Memory that a worker can read while this thread writes, where the platform has it. */
function sharedMemory(length: number): ArrayBuffer | SharedArrayBuffer {
  return typeof SharedArrayBuffer === "undefined"
    ? new ArrayBuffer(length)
    : new SharedArrayBuffer(length);
}

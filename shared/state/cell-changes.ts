import type { CellPatch } from "./cell-patch.ts";

/**
 * What one patch or full state changed, told once all of it is applied. `"cells"` lists
 * every changed cell, ascending; the arrays are the listener's to keep. `"all"` means: look
 * at the whole board. More than 4,096 cells are told as `"all"` when they are more than a
 * sixteenth of it.
 */
export type GridChange =
  | { readonly kind: "all" }
  | { readonly kind: "cells"; readonly indices: Uint32Array; readonly values: Uint8Array };

export type CellVisitor = (index: number, value: number, previous: number) => void;

/** The changed cells behind a `GridChange`, with what they were before. */
export interface CellChanges {
  readonly change: GridChange;
  forEach(visit: CellVisitor): void;
}

const MIN_CELLS_OF_ALL = 4_096;
const CELLS_PER_LISTED_CELL = 16;

/** A board of a shape that was not there before: no cell of it changed from something else. */
export const NEW_BOARD: CellChanges = {
  change: { kind: "all" },
  forEach: () => {},
};

/** Writes a patch into `cells`; undefined when they already were like that. */
export function applyPatch(cells: Uint8Array, patch: CellPatch): CellChanges | undefined {
  const { indices, values } = patch;
  const previous = new Uint8Array(indices.length);
  let count = 0;
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at]!;
    const value = values[at]!;
    const before = cells[index]!;
    if (before === value) continue;
    cells[index] = value;
    // Unchanged cells are closed up in place: the patch is ours to use up.
    indices[count] = index;
    values[count] = value;
    previous[count] = before;
    count += 1;
  }
  if (count === 0) return undefined;
  const changes = listed(indices.subarray(0, count), values.subarray(0, count), previous);
  return isMany(count, cells) ? { ...changes, change: { kind: "all" } } : changes;
}

/**
 * Writes a whole board into `cells`, and what they were into `next`; undefined when both
 * already were the same.
 */
export function exchangeCells(cells: Uint8Array, next: Uint8Array): CellChanges | undefined {
  let count = 0;
  for (let index = 0; index < cells.length; index++) {
    const value = next[index]!;
    const before = cells[index]!;
    if (before === value) continue;
    cells[index] = value;
    next[index] = before;
    count += 1;
  }
  if (count === 0) return undefined;
  return isMany(count, cells) ? compared(cells, next) : listDifferences(cells, next, count);
}

function isMany(count: number, cells: Uint8Array): boolean {
  return count > MIN_CELLS_OF_ALL && count * CELLS_PER_LISTED_CELL > cells.length;
}

function listDifferences(cells: Uint8Array, before: Uint8Array, count: number): CellChanges {
  const indices = new Uint32Array(count);
  const values = new Uint8Array(count);
  const previous = new Uint8Array(count);
  let at = 0;
  for (let index = 0; at < count; index++) {
    if (cells[index] === before[index]) continue;
    indices[at] = index;
    values[at] = cells[index]!;
    previous[at++] = before[index]!;
  }
  return listed(indices, values, previous);
}

function listed(indices: Uint32Array, values: Uint8Array, previous: Uint8Array): CellChanges {
  return {
    change: { kind: "cells", indices, values },
    forEach(visit: CellVisitor): void {
      for (let at = 0; at < indices.length; at++) visit(indices[at]!, values[at]!, previous[at]!);
    },
  };
}

function compared(cells: Uint8Array, before: Uint8Array): CellChanges {
  return {
    change: { kind: "all" },
    forEach(visit: CellVisitor): void {
      for (let index = 0; index < cells.length; index++) {
        const value = cells[index]!;
        const previous = before[index]!;
        if (value !== previous) visit(index, value, previous);
      }
    },
  };
}

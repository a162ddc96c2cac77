import { decodeAllCells } from "./all-cells.ts";
import type { CellPatch } from "./cell-patch.ts";
import { decodeCellPatch } from "./cell-patch.ts";
import type { GridShape } from "./grid-shape.ts";
import { shapeProblem } from "./grid-shape.ts";
import { stateMalformed } from "./state-malformed.ts";
import { ByteReader, varintLength, writeVarint } from "./varint.ts";

/**
 * A full state: the board's shape, all cells as they were at some time (the base), and the
 * cells that changed since as they are now. The base may be newer than the changes begin:
 * values are absolute. In parts, so that the base is copied only into the frame.
 */
export function encodeFullState(
  { width, height, colors }: GridShape,
  base: Uint8Array,
  changesSince: Uint8Array,
): Uint8Array[] {
  const numbers = [width, height, colors, base.length];
  const head = new Uint8Array(numbers.reduce((sum, number) => sum + varintLength(number), 0));
  let at = 0;
  for (const number of numbers) at = writeVarint(head, at, number);
  return [head, base, changesSince];
}

export interface FullState {
  readonly shape: GridShape;
  readonly cells: Uint8Array;
}

/** Reads what `encodeFullState` wrote; the shape is checked before anything is allocated. */
export function decodeFullState(body: Uint8Array): FullState {
  const reader = new ByteReader(body);
  const shape = { width: reader.varint(), height: reader.varint(), colors: reader.varint() };
  const problem = shapeProblem(shape);
  if (problem !== undefined) throw stateMalformed(problem);
  const cellCount = shape.width * shape.height;
  const base = reader.take(reader.varint());
  const changes = reader.rest();

  const cells = decodeAllCells(base, cellCount, shape.colors);
  applyCellPatch(cells, decodeCellPatch(changes, cellCount, shape.colors));
  return { shape, cells };
}

function applyCellPatch(cells: Uint8Array, { indices, values }: CellPatch): void {
  for (let at = 0; at < indices.length; at++) cells[indices[at]!] = values[at]!;
}

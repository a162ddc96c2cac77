import { bitsPerCell } from "./grid-shape.ts";
import { stateMalformed } from "./state-malformed.ts";

/** Bytes that `count` cells take when each has just the bits that its colours need. */
export function packedLength(count: number, colors: number): number {
  return Math.ceil((count * bitsPerCell(colors)) / 8);
}

/** Writes all cells at `offset`, lowest bit first; `bytes` has room for `packedLength`. */
export function packCells(
  cells: Uint8Array,
  colors: number,
  bytes: Uint8Array,
  offset: number,
): void {
  const bits = bitsPerCell(colors);
  let at = offset;
  let waiting = 0;
  let waitingBits = 0;
  for (let index = 0; index < cells.length; index++) {
    waiting |= cells[index]! << waitingBits;
    waitingBits += bits;
    if (waitingBits >= 8) {
      bytes[at++] = waiting & 0xff;
      waiting >>>= 8;
      waitingBits -= 8;
    }
  }
  if (waitingBits > 0) bytes[at] = waiting;
}

/** The cells that `packCells` wrote; `count` is not trusted before the length fits it. */
export function unpackCells(packed: Uint8Array, count: number, colors: number): Uint8Array {
  const expected = packedLength(count, colors);
  if (packed.length !== expected) {
    throw stateMalformed(`packed cells of ${packed.length} bytes, ${expected} expected`);
  }
  const cells = new Uint8Array(count);
  const bits = bitsPerCell(colors);
  const mask = (1 << bits) - 1;
  let at = 0;
  let waiting = 0;
  let waitingBits = 0;
  let highest = 0;
  for (let index = 0; index < count; index++) {
    if (waitingBits < bits) {
      waiting |= packed[at++]! << waitingBits;
      waitingBits += 8;
    }
    const value = waiting & mask;
    if (value > highest) highest = value;
    cells[index] = value;
    waiting >>>= bits;
    waitingBits -= bits;
  }
  if (highest >= colors)
    throw stateMalformed(`cell value ${highest} in a grid of ${colors} colours`);
  if (waiting !== 0) throw stateMalformed("padding of the last packed cell is not zero");
  return cells;
}

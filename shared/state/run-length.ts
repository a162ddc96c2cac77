import { bitsPerCell } from "./grid-shape.ts";
import { stateMalformed } from "./state-malformed.ts";
import { writeVarint } from "./varint.ts";

/** The first byte and a varint. */
const MAX_RUN_BYTES = 5;

/**
 * Runs of equal cells. A run begins with one byte: the value in the low bits, and in the
 * bits above it as much of `length - 1` as fits. When those are all ones, the rest of the
 * length follows as a varint.
 *
 * Returns undefined as soon as the runs are longer than `maxLength` bytes.
 */
export function encodeRuns(
  cells: Uint8Array,
  colors: number,
  maxLength: number,
): Uint8Array | undefined {
  const bits = bitsPerCell(colors);
  const mostInByte = (1 << (8 - bits)) - 1;
  const cellCount = cells.length;
  let bytes = new Uint8Array(Math.min(maxLength, 4_096 + (cellCount >>> 4)) + MAX_RUN_BYTES);
  let at = 0;
  for (let index = 0; index < cellCount;) {
    const value = cells[index]!;
    let end = index + 1;
    while (end < cellCount && cells[end] === value) end += 1;
    const more = end - index - 1;
    index = end;
    if (more < mostInByte) {
      bytes[at++] = value | (more << bits);
    } else {
      bytes[at] = value | (mostInByte << bits);
      at = writeVarint(bytes, at + 1, more - mostInByte);
    }
    if (at > maxLength) return undefined;
    if (at + MAX_RUN_BYTES > bytes.length) bytes = doubled(bytes);
  }
  return bytes.subarray(0, at);
}

function doubled(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}

/** Cells that are written at once, whether or not the run is that long. */
const CELLS_AT_ONCE = 8;
/** From this many cells on, calling `fill` costs less than writing them eight at a time. */
const LONG_RUN = 128;

/** Fills cells from runs that may arrive in pieces, as inflating makes them. */
export class RunDecoder {
  readonly #cells: Uint8Array;
  readonly #view: DataView;
  readonly #colors: number;
  /** Cells filled so far. */
  #filled = 0;
  /** The value of a run whose length is still being read, or -1. */
  #value = -1;
  #length = 0;
  #shift = 0;

  constructor(cells: Uint8Array, colors: number) {
    this.#cells = cells;
    this.#view = new DataView(cells.buffer, cells.byteOffset, cells.byteLength);
    this.#colors = colors;
  }

  push(bytes: Uint8Array): void {
    const view = this.#view;
    const colors = this.#colors;
    const bits = bitsPerCell(colors);
    const mostInByte = (1 << (8 - bits)) - 1;
    const mask = (1 << bits) - 1;
    const mostAtOnce = Math.min(mostInByte, CELLS_AT_ONCE);
    // The last place for eight cells; behind it they are counted.
    const lastAtOnce = this.#cells.length - CELLS_AT_ONCE;
    let value = this.#value;
    let filled = this.#filled;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (value < 0) {
        const more = byte >> bits;
        value = byte & mask;
        if (more < mostAtOnce && filled <= lastAtOnce && value < colors) {
          // Most runs. What is too much is the next run's, which comes and writes over it.
          const four = Math.imul(value, 0x0101_0101);
          view.setUint32(filled, four);
          view.setUint32(filled + 4, four);
          filled += more + 1;
          value = -1;
          continue;
        }
        this.#length = more + 1;
        this.#shift = 0;
        if (more >= mostInByte) continue;
      } else {
        this.#length += (byte & 0x7f) << this.#shift;
        this.#shift += 7;
        if (byte >= 0x80) {
          if (this.#shift > 21) throw stateMalformed("run length is longer than 4 bytes");
          continue;
        }
      }
      filled = this.#fill(filled, value, this.#length);
      value = -1;
    }
    this.#value = value;
    this.#filled = filled;
  }

  /** Throws unless every cell was filled and no run is left open. */
  finish(): void {
    if (this.#value >= 0) throw stateMalformed("state ends inside a run length");
    if (this.#filled !== this.#cells.length) {
      throw stateMalformed(`runs fill ${this.#filled} of ${this.#cells.length} cells`);
    }
  }

  #fill(start: number, value: number, length: number): number {
    const cells = this.#cells;
    const end = start + length;
    if (end > cells.length) {
      throw stateMalformed(`run of ${length} cells, ${cells.length - start} left`);
    }
    if (value >= this.#colors) {
      throw stateMalformed(`cell value ${value} in a grid of ${this.#colors} colours`);
    }
    if (length >= LONG_RUN || end + CELLS_AT_ONCE > cells.length) {
      cells.fill(value, start, end);
      return end;
    }
    const four = Math.imul(value, 0x0101_0101);
    for (let at = start; at < end; at += CELLS_AT_ONCE) {
      this.#view.setUint32(at, four);
      this.#view.setUint32(at + 4, four);
    }
    return end;
  }
}

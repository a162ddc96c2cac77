import { bitsPerCell } from "./grid-shape.ts";
import { stateMalformed } from "./state-malformed.ts";
import { varintLength, writeVarint } from "./varint.ts";

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
  let bytes = new Uint8Array(Math.min(maxLength, 4_096 + (cells.length >>> 4)));
  let at = 0;
  for (let index = 0; index < cells.length;) {
    const value = cells[index]!;
    let end = index + 1;
    while (end < cells.length && cells[end] === value) end += 1;
    const more = end - index - 1;
    index = end;

    const length = more < mostInByte ? 1 : 1 + varintLength(more - mostInByte);
    if (at + length > maxLength) return undefined;
    if (at + length > bytes.length) bytes = grown(bytes, maxLength);
    if (length === 1) {
      bytes[at++] = value | (more << bits);
    } else {
      bytes[at] = value | (mostInByte << bits);
      at = writeVarint(bytes, at + 1, more - mostInByte);
    }
  }
  return bytes.subarray(0, at);
}

function grown(bytes: Uint8Array<ArrayBuffer>, maxLength: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(maxLength, bytes.length * 2 + 16));
  larger.set(bytes);
  return larger;
}

/** Fills cells from runs that may arrive in pieces, as inflating makes them. */
export class RunDecoder {
  readonly #cells: Uint8Array;
  readonly #colors: number;
  /** Cells filled so far. */
  #filled = 0;
  /** The value of a run whose length is still being read, or -1. */
  #value = -1;
  #length = 0;
  #shift = 0;

  constructor(cells: Uint8Array, colors: number) {
    this.#cells = cells;
    this.#colors = colors;
  }

  push(bytes: Uint8Array): void {
    const bits = bitsPerCell(this.#colors);
    const mostInByte = (1 << (8 - bits)) - 1;
    const mask = (1 << bits) - 1;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (this.#value < 0) {
        const inByte = byte >> bits;
        if (inByte < mostInByte) {
          this.#fill(byte & mask, inByte + 1);
        } else {
          this.#value = byte & mask;
          this.#length = mostInByte + 1;
          this.#shift = 0;
        }
      } else {
        this.#length += (byte & 0x7f) << this.#shift;
        this.#shift += 7;
        if (byte < 0x80) {
          this.#fill(this.#value, this.#length);
          this.#value = -1;
        } else if (this.#shift > 21) {
          throw stateMalformed("run length is longer than 4 bytes");
        }
      }
    }
  }

  /** Throws unless every cell was filled and no run is left open. */
  finish(): void {
    if (this.#value >= 0) throw stateMalformed("state ends inside a run length");
    if (this.#filled !== this.#cells.length) {
      throw stateMalformed(`runs fill ${this.#filled} of ${this.#cells.length} cells`);
    }
  }

  #fill(value: number, length: number): void {
    const start = this.#filled;
    const end = start + length;
    if (end > this.#cells.length) {
      throw stateMalformed(`run of ${length} cells, ${this.#cells.length - start} left`);
    }
    if (value >= this.#colors) {
      throw stateMalformed(`cell value ${value} in a grid of ${this.#colors} colours`);
    }
    // A call of fill costs more than a few stores, and most runs are short.
    if (length < 24) {
      for (let index = start; index < end; index++) this.#cells[index] = value;
    } else {
      this.#cells.fill(value, start, end);
    }
    this.#filled = end;
  }
}

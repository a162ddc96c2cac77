import { stateMalformed } from "./state-malformed.ts";

/** Seven bits a byte: four bytes hold every length and cell index there is (2^28). */
const MAX_VARINT_SHIFT = 21;

export function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
}

/**
 * Writes `value` at `offset`, lowest seven bits first, and returns the offset behind it.
 * Writes past the end of `bytes` are dropped, and counted all the same.
 */
export function writeVarint(bytes: Uint8Array, offset: number, value: number): number {
  let rest = value;
  let at = offset;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Reads bytes in order; everything that is not there is a malformed state. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  byte(): number {
    const byte = this.#bytes[this.#offset++];
    if (byte === undefined) throw stateMalformed(`state ends at byte ${this.#bytes.length}`);
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift <= MAX_VARINT_SHIFT; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw stateMalformed(`number at byte ${this.#offset} is longer than 4 bytes`);
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) {
      throw stateMalformed(`${length} bytes announced, ${this.#bytes.length - this.#offset} left`);
    }
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#offset);
  }
}

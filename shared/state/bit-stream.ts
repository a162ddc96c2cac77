import { stateMalformed } from "./state-malformed.ts";

/** The widest number one call writes or reads: with seven bits waiting it fits 31. */
const MAX_BITS_AT_ONCE = 24;

/** Writes numbers of any width one behind the other, lowest bit first. */
export class BitWriter {
  readonly #bytes: Uint8Array;
  #offset: number;
  #waiting = 0;
  #waitingBits = 0;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** `width` is at most 24, `value` has no bits beyond it. */
  write(value: number, width: number): void {
    const bytes = this.#bytes;
    const offset = this.#offset;
    const waiting = this.#waiting | (value << this.#waitingBits);
    const bits = this.#waitingBits + width;
    // As many bytes as there can be: what is not complete is written again by the next call,
    // and no branch has to be guessed. Stores behind the end are dropped.
    bytes[offset] = waiting;
    bytes[offset + 1] = waiting >>> 8;
    bytes[offset + 2] = waiting >>> 16;
    this.#goOn(offset + (bits >>> 3), waiting >>> (bits & 24), bits & 7);
  }

  /** `count` ones and a zero, then `value` in `width` bits. */
  writeUnary(count: number, value: number, width: number): void {
    let left = count;
    while (left > MAX_BITS_AT_ONCE - 1) {
      this.write((1 << MAX_BITS_AT_ONCE) - 1, MAX_BITS_AT_ONCE);
      left -= MAX_BITS_AT_ONCE;
    }
    const ones = (1 << left) - 1;
    if (left + 1 + width <= MAX_BITS_AT_ONCE) {
      this.write(ones | (value << (left + 1)), left + 1 + width);
    } else {
      this.write(ones, left + 1);
      this.write(value, width);
    }
  }

  /**
   * The gap before each of the ascending `indices`, Rice-coded: `writeUnary` for each of
   * them, in a loop that the compiler keeps in registers.
   */
  writeGaps(indices: Uint32Array, parameter: number): void {
    const bytes = this.#bytes;
    const mask = (1 << parameter) - 1;
    let offset = this.#offset;
    let waiting = this.#waiting;
    let bits = this.#waitingBits;
    let next = 0;
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at]!;
      const gap = index - next;
      next = index + 1;
      const count = gap >>> parameter;
      const width = count + 1 + parameter;
      if (width > MAX_BITS_AT_ONCE) {
        this.#goOn(offset, waiting, bits);
        this.writeUnary(count, gap & mask, parameter);
        offset = this.#offset;
        waiting = this.#waiting;
        bits = this.#waitingBits;
        continue;
      }
      waiting |= (((1 << count) - 1) | ((gap & mask) << (count + 1))) << bits;
      bits += width;
      bytes[offset] = waiting;
      bytes[offset + 1] = waiting >>> 8;
      bytes[offset + 2] = waiting >>> 16;
      offset += bits >>> 3;
      waiting >>>= bits & 24;
      bits &= 7;
    }
    this.#goOn(offset, waiting, bits);
  }

  /** The value at each index in `width` bits, at most 8; in such a loop as well. */
  writeEach(values: Uint8Array, indices: Uint32Array, width: number): void {
    const bytes = this.#bytes;
    let offset = this.#offset;
    let waiting = this.#waiting;
    let bits = this.#waitingBits;
    for (let at = 0; at < indices.length; at++) {
      waiting |= values[indices[at]!]! << bits;
      bits += width;
      bytes[offset] = waiting;
      offset += bits >>> 3;
      waiting >>>= bits & 24;
      bits &= 7;
    }
    this.#goOn(offset, waiting, bits);
  }

  /** Writes the last bits, padded with zeros; returns the offset behind them. */
  finish(): number {
    if (this.#waitingBits > 0) this.#bytes[this.#offset++] = this.#waiting;
    return this.#offset;
  }

  #goOn(offset: number, waiting: number, waitingBits: number): void {
    this.#offset = offset;
    this.#waiting = waiting;
    this.#waitingBits = waitingBits;
  }
}

/** Reads what a `BitWriter` wrote; bits that are not there are a malformed state. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #waiting = 0;
  #waitingBits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(width: number): number {
    while (this.#waitingBits < width) {
      const byte = this.#bytes[this.#offset++];
      if (byte === undefined) throw stateMalformed(`bits end at byte ${this.#bytes.length}`);
      this.#waiting |= byte << this.#waitingBits;
      this.#waitingBits += 8;
    }
    const value = this.#waiting & ((1 << width) - 1);
    this.#waiting >>>= width;
    this.#waitingBits -= width;
    return value;
  }

  /** How many ones come before the next zero. */
  readUnary(): number {
    let count = 0;
    while (this.read(1) === 1) count += 1;
    return count;
  }

  /** Throws unless everything was read but the padding of the last byte. */
  finish(): void {
    const left = this.#bytes.length - this.#offset;
    if (left > 0) throw stateMalformed(`${left} bytes behind the end of the state`);
    if (this.#waiting !== 0) throw stateMalformed("padding of the last byte is not zero");
  }
}

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
    let waiting = this.#waiting | (value << this.#waitingBits);
    let bits = this.#waitingBits + width;
    while (bits >= 8) {
      this.#bytes[this.#offset++] = waiting & 0xff;
      waiting >>>= 8;
      bits -= 8;
    }
    this.#waiting = waiting;
    this.#waitingBits = bits;
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

  /** Writes the last bits, padded with zeros; returns the offset behind them. */
  finish(): number {
    if (this.#waitingBits > 0) this.#bytes[this.#offset++] = this.#waiting;
    return this.#offset;
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

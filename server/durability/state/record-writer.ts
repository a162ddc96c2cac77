import { NumberForm } from "./number-form.ts";

const FIRST_BYTES = 1_024;
const MAX_VARINT_BYTES = 8;

/** Writes the values of a record one behind the other; `RecordReader` reads them back. */
export class RecordWriter {
  #buffer = Buffer.alloc(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
  }

  /** A copy of what was written. */
  copy(): Uint8Array {
    return Uint8Array.from(this.#buffer.subarray(0, this.#length));
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, lowest seven bits first. */
  varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Any number, exactly: -0, NaN and what a field's own type would cut off as well. */
  number(value: number): void {
    this.#reserve(9);
    const buffer = this.#buffer;
    const at = this.#length;
    const magnitude = value < 0 ? -1 - value : value;
    if (value >>> 0 === value && value < NumberForm.UINT16 && !Object.is(value, -0)) {
      buffer[this.#length++] = value;
    } else if (magnitude >>> 0 === magnitude && !Object.is(value, -0)) {
      this.#wholeNumber(value < 0, magnitude);
    } else if (Math.fround(value) === value) {
      buffer[at] = NumberForm.FLOAT32;
      this.#length = buffer.writeFloatLE(value, at + 1);
    } else {
      buffer[at] = NumberForm.FLOAT64;
      this.#length = buffer.writeDoubleLE(value, at + 1);
    }
  }

  boolean(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  bigint(value: bigint): void {
    this.string(value.toString(16));
  }

  /** Any string, exactly: halves of surrogate pairs as well, which UTF-8 has not. */
  string(value: string): void {
    const encoding = value.isWellFormed() ? "utf8" : "utf16le";
    const byteLength = Buffer.byteLength(value, encoding);
    this.varint(byteLength * 2 + (encoding === "utf8" ? 0 : 1));
    this.#reserve(byteLength);
    this.#buffer.write(value, this.#length, encoding);
    this.#length += byteLength;
  }

  /** Bytes behind their number. */
  bytes(parts: readonly Uint8Array[]): void {
    this.varint(parts.reduce((sum, part) => sum + part.byteLength, 0));
    for (const part of parts) this.raw(part);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.byteLength);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.byteLength;
  }

  #wholeNumber(isNegative: boolean, magnitude: number): void {
    const buffer = this.#buffer;
    const at = this.#length;
    if (magnitude <= 0xffff) {
      buffer[at] = isNegative ? NumberForm.NEGATIVE_UINT16 : NumberForm.UINT16;
      this.#length = buffer.writeUInt16LE(magnitude, at + 1);
    } else {
      buffer[at] = isNegative ? NumberForm.NEGATIVE_UINT32 : NumberForm.UINT32;
      this.#length = buffer.writeUInt32LE(magnitude, at + 1);
    }
  }

  #reserve(byteLength: number): void {
    const needed = this.#length + byteLength;
    if (needed <= this.#buffer.byteLength) return;
    const larger = Buffer.alloc(needed * 2);
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

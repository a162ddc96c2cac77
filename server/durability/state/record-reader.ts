import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import { NumberForm } from "./number-form.ts";

/** Reads what a `RecordWriter` wrote; whatever is not there is `state-malformed`. */
export class RecordReader {
  readonly #buffer: Buffer;
  readonly #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#buffer.byteLength;
  }

  byte(): number {
    return this.#buffer[this.#take(1)]!;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 53; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80 && Number.isSafeInteger(value)) return value;
      if (byte < 0x80) break;
    }
    throw stateMalformed(`number at byte ${this.#offset} of a record is too large`);
  }

  /** How many things follow, of which each takes a byte at least. */
  count(): number {
    const count = this.varint();
    const left = this.#buffer.byteLength - this.#offset;
    if (count > left) throw stateMalformed(`${count} values announced, ${left} bytes left`);
    return count;
  }

  number(): number {
    const form = this.byte();
    if (form < NumberForm.UINT16) return form;
    switch (form) {
      case NumberForm.UINT16:
        return this.#buffer.readUInt16LE(this.#take(2));
      case NumberForm.UINT32:
        return this.#buffer.readUInt32LE(this.#take(4));
      case NumberForm.NEGATIVE_UINT16:
        return -1 - this.#buffer.readUInt16LE(this.#take(2));
      case NumberForm.NEGATIVE_UINT32:
        return -1 - this.#buffer.readUInt32LE(this.#take(4));
      case NumberForm.FLOAT32:
        return this.#buffer.readFloatLE(this.#take(4));
      case NumberForm.FLOAT64:
        return this.#buffer.readDoubleLE(this.#take(8));
      default:
        throw stateMalformed(`form ${form} of a number is unknown`);
    }
  }

  boolean(): boolean {
    return this.byte() !== 0;
  }

  bigint(): bigint {
    const text = this.string();
    if (!/^-?[0-9a-f]+$/.test(text)) throw stateMalformed("a big integer has other digits");
    return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  }

  string(): string {
    const length = this.varint();
    const bytes = this.#bytes(Math.floor(length / 2));
    if (length % 2 === 1) return bytes.toString("utf16le");
    try {
      return this.#text.decode(bytes);
    } catch (cause) {
      throw stateMalformed(`a string of ${bytes.byteLength} bytes is not UTF-8`, cause);
    }
  }

  /** Bytes behind their number; not copied. */
  bytes(): Uint8Array {
    return this.#bytes(this.varint());
  }

  raw(byteLength: number): Uint8Array {
    return this.#bytes(byteLength);
  }

  #bytes(byteLength: number): Buffer {
    const start = this.#take(byteLength);
    return this.#buffer.subarray(start, start + byteLength);
  }

  /** Where the next bytes begin. */
  #take(byteLength: number): number {
    const start = this.#offset;
    const left = this.#buffer.byteLength - start;
    if (byteLength > left) throw stateMalformed(`${byteLength} bytes announced, ${left} left`);
    this.#offset = start + byteLength;
    return start;
  }
}

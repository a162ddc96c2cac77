import { decode, encode, type Iterator } from "@colyseus/schema";
import type { Checksum } from "./checksum.ts";

type Encode = (bytes: Uint8Array, value: unknown, it: Iterator) => void;
type Decode = (bytes: Uint8Array, it: Iterator) => unknown;

/** Longest number on the wire, with its prefix; a string grows it. */
const FIRST_SCRATCH_BYTES = 16;

/**
 * Primitive values as the bytes that both sides make of them: of what is left of a value
 * when it has been over the wire. A `number` loses digits there, a `uint8` its high bits.
 */
export class CanonicalBytes {
  #scratch = new Uint8Array(FIRST_SCRATCH_BYTES);
  readonly #it: Iterator = { offset: 0 };

  /** Adds nothing for a type that the wire has not. */
  addTo(checksum: Checksum, type: string, value: unknown): void {
    const write = (encode as unknown as Partial<Record<string, Encode>>)[type];
    const read = (decode as unknown as Partial<Record<string, Decode>>)[type];
    if (write === undefined || read === undefined) return;
    this.#write(write, value);
    // A second time over the wire changes nothing any more: both sides arrive here. Strings
    // do after the first, and may be long.
    if (type !== "string") {
      this.#it.offset = 0;
      this.#write(write, read(this.#scratch, this.#it));
    }
    checksum.bytes(this.#scratch, this.#it.offset);
  }

  #write(write: Encode, value: unknown): void {
    const it = this.#it;
    it.offset = 0;
    write(this.#scratch, value, it);
    if (it.offset <= this.#scratch.length) return;
    // What did not fit was dropped, and counted all the same.
    this.#scratch = new Uint8Array(it.offset * 2);
    it.offset = 0;
    write(this.#scratch, value, it);
  }
}

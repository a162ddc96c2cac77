import { decode, encode, type Iterator } from "@colyseus/schema";

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

  /** A view that holds until the next call; undefined for a type that the wire has not. */
  of(type: string, value: unknown): Uint8Array | undefined {
    const write = (encode as unknown as Partial<Record<string, Encode>>)[type];
    const read = (decode as unknown as Partial<Record<string, Decode>>)[type];
    if (write === undefined || read === undefined) return undefined;
    const sent = this.#write(write, value);
    // A second time over the wire changes nothing any more: both sides arrive here.
    return this.#write(write, read(sent, { offset: 0 }));
  }

  #write(write: Encode, value: unknown): Uint8Array {
    const it = { offset: 0 };
    write(this.#scratch, value, it);
    // What did not fit was dropped, and counted all the same.
    if (it.offset > this.#scratch.length) {
      this.#scratch = new Uint8Array(it.offset * 2);
      it.offset = 0;
      write(this.#scratch, value, it);
    }
    return this.#scratch.subarray(0, it.offset);
  }
}

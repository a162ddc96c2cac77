import { encode, type Iterator } from "@colyseus/schema";

type Encode = (bytes: Uint8Array, value: unknown, it: Iterator) => void;

const FIRST_BYTES = 64;

/** The bytes of the wire for one value at a time. */
export class WireBytes {
  #bytes = new Uint8Array(FIRST_BYTES);
  readonly #it: Iterator = { offset: 0 };

  /**
   * Of a value by the name of its type, or by what encodes its field. The result holds until
   * the next call. Throws a TypeError for a type that the package does not know.
   */
  of(type: string | Encode, value: unknown): Uint8Array {
    const write = typeof type === "string" ? encoderOf(type) : type;
    const it = this.#it;
    it.offset = 0;
    write(this.#bytes, value, it);
    if (it.offset > this.#bytes.byteLength) {
      // What did not fit was dropped, and counted all the same.
      this.#bytes = new Uint8Array(it.offset * 2);
      it.offset = 0;
      write(this.#bytes, value, it);
    }
    return this.#bytes.subarray(0, it.offset);
  }
}

function encoderOf(type: string): Encode {
  const write = (encode as unknown as Partial<Record<string, Encode>>)[type];
  if (write === undefined) throw new TypeError(`type "${type}" is not known to the schema`);
  return write;
}

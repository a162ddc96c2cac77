import { encode, type Iterator } from "@colyseus/schema";
import type { RecordWriter } from "./record-writer.ts";

type Encode = (bytes: Uint8Array, value: unknown, it: Iterator) => void;

const FIRST_BYTES = 64;

/** The bytes of the wire for one value at a time. */
export class WireBytes {
  #bytes = new Uint8Array(FIRST_BYTES);
  readonly #it: Iterator = { offset: 0 };

  /**
   * Writes a value behind the number of its bytes, by the name of its type or by what encodes
   * its field. Throws a TypeError for a type that the package does not know.
   */
  write(out: RecordWriter, type: string | Encode, value: unknown): void {
    const encodeValue = typeof type === "string" ? encoderOf(type) : type;
    const it = this.#it;
    it.offset = 0;
    encodeValue(this.#bytes, value, it);
    if (it.offset > this.#bytes.byteLength) {
      // What did not fit was dropped, and counted all the same.
      this.#bytes = new Uint8Array(it.offset * 2);
      it.offset = 0;
      encodeValue(this.#bytes, value, it);
    }
    out.varint(it.offset);
    // One by one: most are a byte or two, for which a view of them would cost more.
    for (let at = 0; at < it.offset; at++) out.byte(this.#bytes[at]!);
  }
}

function encoderOf(type: string): Encode {
  const write = (encode as unknown as Partial<Record<string, Encode>>)[type];
  if (write === undefined) throw new TypeError(`type "${type}" is not known to the schema`);
  return write;
}

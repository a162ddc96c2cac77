import { addExtension, pack } from "msgpackr";

/** Those whose elements are longer than a byte. Older versions of Node lack the last one. */
const WIDE_ARRAYS = [
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
  "BigUint64Array",
  "BigInt64Array",
  "Float16Array",
];

/**
 * Makes MessagePack carry the bytes of a typed array. Stock msgpackr announces all of them, and
 * writes one for each element: the rest is whatever its buffer held, such as messages to somebody
 * else, for whoever is sent one or gets it echoed. No effect where that is so no more.
 */
export function sendTypedArraysWhole(): void {
  const sample = Uint16Array.of(0x01_02);
  const written = pack(sample).subarray(-sample.byteLength);
  if (written.equals(bytesOf(sample))) return;
  for (const name of WIDE_ARRAYS) {
    const Class: unknown = Reflect.get(globalThis, name);
    if (typeof Class === "function") addExtension({ Class, write: bytesOf });
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

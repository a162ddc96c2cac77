import { decode, type Iterator } from "@colyseus/schema";
import { InputDecoder } from "@colyseus/schema/input";

/**
 * Makes decoders of `defineInput` refuse a series of inputs that says more, or less than nothing,
 * about how long they are. Stock ones walk back over a length below zero and never come to an
 * end: one frame of four bytes would stop the process. No effect where it was called before.
 */
export function refuseEndlessInputs(): void {
  const stock = Object.getOwnPropertyDescriptor(InputDecoder.prototype, "decodeAll")!;
  if (stock.value === decodeAll) return;
  Reflect.defineProperty(InputDecoder.prototype, STOCK, stock);
  Reflect.defineProperty(InputDecoder.prototype, "decodeAll", { ...stock, value: decodeAll });
}

const STOCK = Symbol("stock decodeAll");

type DecodeAll = InputDecoder["decodeAll"];

const decodeAll: DecodeAll = function (this: InputDecoder, bytes, onInput) {
  checkLengths(bytes);
  return (this as unknown as Record<symbol, DecodeAll>)[STOCK]!.call(this, bytes, onInput);
};

/** `[sequence number]([length][input])…` Throws `RangeError` for a length that cannot be. */
function checkLengths(bytes: Uint8Array): void {
  const it: Iterator = { offset: 0 };
  decode.number(bytes, it);
  while (it.offset < bytes.byteLength) {
    const length = decode.number(bytes, it);
    const isLength = Number.isInteger(length) && length >= 0;
    if (!isLength || it.offset + length > bytes.byteLength) {
      throw new RangeError(`an input of ${length} bytes is not in its frame`);
    }
    it.offset += length;
  }
}

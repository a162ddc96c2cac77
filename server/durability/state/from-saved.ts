import { fromWire, type SavedValue } from "./value-kind.ts";

const QUANTIZED = /^quantized\((.+),(.+),(8|16|32),(clamp|wrap)\)$/;

/**
 * The value that a record means, by the name of its type: the number that a quantized field
 * held, and what the game's own types make of their bytes. Without such a type, the bytes.
 */
export function fromSaved(type: string, value: SavedValue): unknown {
  if (!(value instanceof Uint8Array)) return value;
  const quantized = QUANTIZED.exec(type);
  if (quantized === null) return fromWire(type, value) ?? value;
  const [min, max, bits] = quantized.slice(1, 4).map(Number) as [number, number, number];
  const code = fromWire(`uint${bits}`, value) as number;
  return min + (code / spanOf(min, max, bits, quantized[4] === "wrap")) * (max - min);
}

/** Steps of a quantized field; as in the package, so that the number is the same to the bit. */
function spanOf(min: number, max: number, bits: number, isWrapping: boolean): number {
  const codes = 2 ** bits;
  if (isWrapping) return codes;
  return min === -max ? codes - 2 : codes - 1;
}

import { BitReader, BitWriter } from "./bit-stream.ts";
import { CellsMode, MODE_BITS, MODE_MASK } from "./cells-mode.ts";
import { gapCosts } from "./gap-codes.ts";
import { bitsPerCell } from "./grid-shape.ts";
import { stateMalformed } from "./state-malformed.ts";
import { ByteReader, varintLength, writeVarint } from "./varint.ts";

/** Changed cells with what they are now: absolute, so that applying them twice is safe. */
export interface CellPatch {
  /** Ascending, without doubles. */
  readonly indices: Uint32Array;
  readonly values: Uint8Array;
}

/** Writes the cells at `indices` (ascending) with whichever gap code is shorter. */
export function encodeCellPatch(
  cells: Uint8Array,
  colors: number,
  indices: Uint32Array,
): Uint8Array {
  const bits = bitsPerCell(colors);
  const { varintBytes, riceBits, riceParameter } = gapCosts(indices);
  const valueBits = indices.length * bits;
  const riceBytes = Math.ceil((riceBits + valueBits) / 8);
  const varintTotal = varintBytes + Math.ceil(valueBits / 8);
  const isRice = riceBytes < varintTotal;

  const bytes = new Uint8Array(
    1 + varintLength(indices.length) + (isRice ? riceBytes : varintTotal),
  );
  bytes[0] = isRice ? CellsMode.RICE_GAPS | (riceParameter << MODE_BITS) : CellsMode.VARINT_GAPS;
  const offset = writeVarint(bytes, 1, indices.length);
  const gapsEnd = isRice ? offset : writeVarintGaps(bytes, offset, indices);
  const writer = new BitWriter(bytes, gapsEnd);
  if (isRice) writer.writeGaps(indices, riceParameter);
  writer.writeEach(cells, indices, bits);
  writer.finish();
  return bytes;
}

function writeVarintGaps(bytes: Uint8Array, offset: number, indices: Uint32Array): number {
  let end = offset;
  let next = 0;
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at]!;
    end = writeVarint(bytes, end, index - next);
    next = index + 1;
  }
  return end;
}

/** Reads what `encodeCellPatch` wrote for a grid of `cellCount` cells, or throws. */
export function decodeCellPatch(body: Uint8Array, cellCount: number, colors: number): CellPatch {
  const reader = new ByteReader(body);
  const first = reader.byte();
  const parameter = first >> MODE_BITS;
  const count = reader.varint();
  const bits = bitsPerCell(colors);
  const isRice = (first & MODE_MASK) === CellsMode.RICE_GAPS;
  if (!isRice && first !== CellsMode.VARINT_GAPS) {
    throw stateMalformed(`patch mode ${first} is unknown`);
  }
  if (parameter >= 24) throw stateMalformed(`Rice parameter ${parameter} exceeds 23`);
  // Before anything is allocated: every cell takes this much at least.
  const leastBits = bits + (isRice ? 1 + parameter : 8);
  if (count > cellCount || count * leastBits > (body.length - reader.offset) * 8) {
    throw stateMalformed(`patch of ${count} cells in ${body.length} bytes`);
  }

  const indices = new Uint32Array(count);
  const stream = isRice
    ? readRiceGaps(new BitReader(reader.rest()), indices, parameter, cellCount)
    : readVarintGaps(reader, indices, cellCount);
  const values = new Uint8Array(count);
  for (let at = 0; at < count; at++) {
    const value = stream.read(bits);
    if (value >= colors) {
      throw stateMalformed(`cell value ${value} in a grid of ${colors} colours`);
    }
    values[at] = value;
  }
  stream.finish();
  return { indices, values };
}

function readVarintGaps(reader: ByteReader, indices: Uint32Array, cellCount: number): BitReader {
  let next = 0;
  for (let at = 0; at < indices.length; at++) {
    const index = next + reader.varint();
    if (index >= cellCount) throw stateMalformed(`cell ${index} of ${cellCount}`);
    indices[at] = index;
    next = index + 1;
  }
  return new BitReader(reader.rest());
}

function readRiceGaps(
  stream: BitReader,
  indices: Uint32Array,
  parameter: number,
  cellCount: number,
): BitReader {
  let next = 0;
  for (let at = 0; at < indices.length; at++) {
    const index = next + stream.readUnary() * (1 << parameter) + stream.read(parameter);
    if (index >= cellCount) throw stateMalformed(`cell ${index} of ${cellCount}`);
    indices[at] = index;
    next = index + 1;
  }
  return stream;
}

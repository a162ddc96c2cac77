import { deflateRawSync } from "node:zlib";
import { deflatedCells, encodeAllCells } from "../../shared/state/all-cells.ts";
import { encodeRuns } from "../../shared/state/run-length.ts";

/** More makes the body 6 % smaller at most and takes ten times as long (zlib, 9 for 6). */
const DEFLATE_LEVEL = 6;

/** All cells of a board in the fewest bytes of the ways that a client can read. */
export function compressCells(cells: Uint8Array, colors: number): Uint8Array {
  const plain = encodeAllCells(cells, colors);
  const runs = encodeRuns(cells, colors, Infinity);
  if (runs === undefined) return plain;
  const deflated = deflatedCells(deflateRawSync(runs, { level: DEFLATE_LEVEL }));
  return deflated.byteLength < plain.byteLength ? deflated : plain;
}

import { deflateSync } from "fflate";
import { MAX_DEFLATED_GRID_CELLS } from "../limits.ts";
import { CellsMode } from "./cells-mode.ts";
import { inflateRuns } from "./deflated-runs.ts";
import { packCells, packedLength, unpackCells } from "./packed-cells.ts";
import { encodeRuns, RunDecoder } from "./run-length.ts";
import { stateMalformed } from "./state-malformed.ts";
import { ByteReader } from "./varint.ts";

/**
 * All cells of a board in the smallest of three ways. Only a small board is compressed
 * here, on the thread that plays the game; a large one gets its compressed cells from
 * elsewhere (`GridBase`).
 */
export function encodeAllCells(cells: Uint8Array, colors: number): Uint8Array {
  const packedBytes = packedLength(cells.length, colors);
  const isDeflated = cells.length <= MAX_DEFLATED_GRID_CELLS;
  // Runs longer than the packed cells can still deflate to less: dithered areas do.
  const runs = encodeRuns(cells, colors, isDeflated ? Infinity : packedBytes - 1);
  const deflated = isDeflated && runs !== undefined ? deflateSync(runs) : undefined;
  if (deflated && deflated.length < Math.min(runs!.length, packedBytes)) {
    return withMode(CellsMode.DEFLATED_RUNS, deflated);
  }
  if (runs && runs.length < packedBytes) return withMode(CellsMode.RUNS, runs);

  const body = new Uint8Array(1 + packedBytes);
  body[0] = CellsMode.PACKED;
  packCells(cells, colors, body, 1);
  return body;
}

/** A body of all cells from their runs after raw deflate, wherever that was done. */
export function deflatedCells(deflatedRuns: Uint8Array): Uint8Array {
  return withMode(CellsMode.DEFLATED_RUNS, deflatedRuns);
}

/** Whether `body` holds all cells, and not just changed ones. */
export function isAllCells(body: Uint8Array): boolean {
  return body.length > 0 && body[0]! <= CellsMode.DEFLATED_RUNS;
}

/** The cells that `encodeAllCells` wrote, in an array of their own; nothing else is allocated. */
export function decodeAllCells(body: Uint8Array, cellCount: number, colors: number): Uint8Array {
  const reader = new ByteReader(body);
  const mode = reader.byte();
  const content = reader.rest();
  if (mode === CellsMode.PACKED) return unpackCells(content, cellCount, colors);
  if (mode !== CellsMode.RUNS && mode !== CellsMode.DEFLATED_RUNS) {
    throw stateMalformed(`mode ${mode} of a full state is unknown`);
  }
  const cells = new Uint8Array(cellCount);
  const decoder = new RunDecoder(cells, colors);
  if (mode === CellsMode.RUNS) decoder.push(content);
  else inflateRuns(content, decoder, cellCount);
  decoder.finish();
  return cells;
}

function withMode(mode: number, content: Uint8Array): Uint8Array {
  const body = new Uint8Array(1 + content.length);
  body[0] = mode;
  body.set(content, 1);
  return body;
}

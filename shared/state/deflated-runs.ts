import { Inflate } from "fflate";
import { SyncError } from "../errors.ts";
import type { RunDecoder } from "./run-length.ts";
import { stateMalformed } from "./state-malformed.ts";

/**
 * Deflate packs at most 1,032 bytes into one. Inflating a part of the input at a time, and a
 * smaller part for a smaller board, bounds what a hostile state costs before the cells are
 * full and the decoder throws.
 */
const CELLS_PER_INFLATED_BYTE = 256;
const MIN_INFLATED_BYTES = 1_024;
const MAX_INFLATED_BYTES = 16_384;

/** Inflates (raw deflate) runs of `cellCount` cells into `decoder`, without holding them. */
export function inflateRuns(deflated: Uint8Array, decoder: RunDecoder, cellCount: number): void {
  const wanted = Math.ceil(cellCount / CELLS_PER_INFLATED_BYTE);
  const step = Math.min(MAX_INFLATED_BYTES, Math.max(MIN_INFLATED_BYTES, wanted));
  const inflate = new Inflate((runs) => decoder.push(runs));
  try {
    for (let start = 0; start < deflated.length; start += step) {
      const end = start + step;
      inflate.push(deflated.subarray(start, end), end >= deflated.length);
    }
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw stateMalformed("runs do not inflate", error);
  }
}

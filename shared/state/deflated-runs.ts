import { Inflate } from "fflate";
import type { RunDecoder } from "./run-length.ts";
import { stateMalformed } from "./state-malformed.ts";

/**
 * Deflate packs at most 1,032 bytes into one, so that inflating this many bytes at once
 * bounds what a hostile state costs before the cells are full and the decoder throws.
 */
const INFLATE_STEP_BYTES = 4_096;

/** Inflates (raw deflate) runs into `decoder`, synchronously and without holding them. */
export function inflateRuns(deflated: Uint8Array, decoder: RunDecoder): void {
  const inflate = new Inflate((runs) => decoder.push(runs));
  try {
    for (let start = 0; start < deflated.length; start += INFLATE_STEP_BYTES) {
      const end = start + INFLATE_STEP_BYTES;
      inflate.push(deflated.subarray(start, end), end >= deflated.length);
    }
  } catch (error) {
    throw stateMalformed("runs do not inflate", error);
  }
  decoder.finish();
}

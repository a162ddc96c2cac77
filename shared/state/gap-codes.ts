import { varintLength } from "./varint.ts";

/** What each way of writing the gaps between sorted indices would take. */
export interface GapCosts {
  varintBytes: number;
  riceBits: number;
  /** Rice parameter that `riceBits` is for: how many low bits of a gap are written as they are. */
  riceParameter: number;
}

/**
 * Measures both codes without writing either. The gap before an index is the number of
 * unchanged cells before it, so that neighbours have a gap of 0.
 */
export function gapCosts(indices: Uint32Array): GapCosts {
  let varintBytes = 0;
  let previous = -1;
  for (const index of indices) {
    varintBytes += varintLength(index - previous - 1);
    previous = index;
  }
  const meanGap = (previous + 1 - indices.length) / Math.max(1, indices.length);
  // For gaps of random cells the best parameter is about log2(mean * ln 2) (Golomb 1966);
  // real boards are not random, so its neighbours are tried too.
  const guess = Math.max(0, Math.floor(Math.log2(Math.max(1, meanGap * Math.LN2))));
  let best: GapCosts = { varintBytes, riceBits: Infinity, riceParameter: 0 };
  for (let parameter = Math.max(0, guess - 1); parameter <= guess + 1; parameter++) {
    const riceBits = riceLength(indices, parameter);
    if (riceBits < best.riceBits) best = { varintBytes, riceBits, riceParameter: parameter };
  }
  return best;
}

function riceLength(indices: Uint32Array, parameter: number): number {
  let bits = indices.length * (1 + parameter);
  let previous = -1;
  for (const index of indices) {
    bits += (index - previous - 1) >>> parameter;
    previous = index;
  }
  return bits;
}

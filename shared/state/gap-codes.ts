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
  const count = indices.length;
  const last = count === 0 ? -1 : indices[count - 1]!;
  const meanGap = (last + 1 - count) / Math.max(1, count);
  // For gaps of random cells the best parameter is about log2(mean * ln 2) (Golomb 1966);
  // real boards are not random, so its neighbours are tried too.
  const middle = Math.max(1, Math.floor(Math.log2(Math.max(1, meanGap * Math.LN2))));
  let varintBytes = count;
  let lowerOnes = 0;
  let middleOnes = 0;
  let higherOnes = 0;
  let next = 0;
  for (let at = 0; at < count; at++) {
    const index = indices[at]!;
    const gap = index - next;
    next = index + 1;
    // One more byte for each limit that the gap exceeds, counted by the sign: branches would
    // be guessed wrong for every third gap.
    varintBytes += ((0x7f - gap) >>> 31) + ((0x3fff - gap) >>> 31) + ((0x1f_ffff - gap) >>> 31);
    const ones = gap >>> (middle - 1);
    lowerOnes += ones;
    middleOnes += ones >>> 1;
    higherOnes += ones >>> 2;
  }
  const rice = [lowerOnes, middleOnes, higherOnes].map((ones, at) => {
    const riceParameter = middle - 1 + at;
    return { riceParameter, riceBits: ones + count * (1 + riceParameter) };
  });
  const best = rice.reduce((one, other) => (other.riceBits < one.riceBits ? other : one));
  return { varintBytes, ...best };
}

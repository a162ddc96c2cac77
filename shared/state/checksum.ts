/**
 * MurmurHash3, x86 32-bit variant (Austin Appleby, public domain: smhasher,
 * MurmurHash3.cpp), over `bytes` and then `words`. It finds differences; it is no proof
 * against somebody who makes them on purpose.
 */
export function checksum32(bytes: Uint8Array, words: readonly number[]): number {
  // Whole words are read in the platform's byte order, which is little endian wherever
  // JavaScript runs today; every board begins at the start of its buffer.
  const aligned = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  let hash = 0;
  for (let index = 0; index < aligned.length; index++) hash = mixed(hash, aligned[index]!);
  let tail = 0;
  for (let index = bytes.length & ~3; index < bytes.length; index++) {
    tail = (tail << 8) | bytes[index]!;
  }
  hash = mixed(hash, tail);
  for (const word of words) hash = mixed(hash, word);
  return finished(hash ^ bytes.length);
}

function mixed(hash: number, word: number): number {
  let key = Math.imul(word, 0xcc9e2d51);
  key = (key << 15) | (key >>> 17);
  const next = hash ^ Math.imul(key, 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

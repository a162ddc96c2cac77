/**
 * MurmurHash3, x86 32-bit variant, seed 0 (Austin Appleby, public domain: smhasher,
 * MurmurHash3.cpp) over `bytes`, padded with zeros to whole words, and then `words`. It
 * finds differences; it is no proof against somebody who makes them on purpose.
 */
export function checksum32(bytes: Uint8Array, words: readonly number[]): number {
  // In the platform's byte order, which is little endian wherever JavaScript runs today.
  // A board begins at the start of its buffer, so that its words are aligned.
  const whole = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  let hash = 0;
  for (let index = 0; index < whole.length; index++) hash = mixed(hash, whole[index]!);
  const rest = bytes.subarray(whole.length * 4);
  const padded = rest.reduce((word, byte, at) => word | (byte << (at * 8)), 0);
  if (rest.length > 0) hash = mixed(hash, padded);
  for (const word of words) hash = mixed(hash, word);
  return finished(hash ^ ((Math.ceil(bytes.length / 4) + words.length) * 4));
}

/** The same hash over parts that come one by one, each as whole words. */
export class Checksum {
  #hash = 0;
  #words = 0;

  word(value: number): void {
    this.#hash = mixed(this.#hash, value);
    this.#words += 1;
  }

  /** The first `length` bytes, behind their number, so that no two rows of parts look alike. */
  bytes(bytes: Uint8Array, length: number): void {
    this.word(length);
    let word = 0;
    for (let at = 0; at < length; at++) {
      word |= bytes[at]! << ((at & 3) * 8);
      if ((at & 3) !== 3) continue;
      this.word(word);
      word = 0;
    }
    if ((length & 3) !== 0) this.word(word);
  }

  /** Of everything since the last call. */
  finish(): number {
    const hash = finished(this.#hash ^ (this.#words * 4));
    this.#hash = 0;
    this.#words = 0;
    return hash;
  }
}

function mixed(hash: number, word: number): number {
  const key = Math.imul(word, 0xcc9e2d51);
  const next = hash ^ Math.imul((key << 15) | (key >>> 17), 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Up to this many cells are kept as a list too; beyond it the bits are scanned. */
const MAX_LISTED_CELLS = 1_024;

/**
 * A set of cell indices: one bit a cell, one bit for each 32 of those, and a short list
 * while it is small, so that what a tick costs depends on what changed in it.
 */
export class DirtyCells {
  readonly #bits: Uint32Array;
  /** Which words of `#bits` are not 0. */
  readonly #words: Uint32Array;
  readonly #listed: Uint32Array;
  #count = 0;

  constructor(cellCount: number) {
    this.#bits = new Uint32Array((cellCount + 31) >>> 5);
    this.#words = new Uint32Array((this.#bits.length + 31) >>> 5);
    this.#listed = new Uint32Array(Math.min(cellCount, MAX_LISTED_CELLS));
  }

  get count(): number {
    return this.#count;
  }

  add(index: number): void {
    const word = index >>> 5;
    const bits = this.#bits[word]!;
    const bit = 1 << (index & 31);
    if ((bits & bit) !== 0) return;
    if (bits === 0) this.#words[word >>> 5]! |= 1 << (word & 31);
    this.#bits[word] = bits | bit;
    if (this.#count < this.#listed.length) this.#listed[this.#count] = index;
    this.#count += 1;
  }

  /** Both sets are of the same board. */
  addAll(others: DirtyCells): void {
    if (others.#isListed()) {
      for (let at = 0; at < others.#count; at++) this.add(others.#listed[at]!);
      return;
    }
    // Together they are more than the list holds: from here on only the bits count.
    const groups = others.#words;
    for (let group = 0; group < groups.length; group++) {
      let words = groups[group]!;
      this.#words[group]! |= words;
      for (; words !== 0; words &= words - 1) {
        const word = (group << 5) | lowestBit(words);
        const before = this.#bits[word]!;
        const added = others.#bits[word]! & ~before;
        this.#bits[word] = before | added;
        this.#count += onesIn(added);
      }
    }
  }

  /** All indices in ascending order, in an array of their own. */
  sorted(): Uint32Array {
    if (this.#isListed()) return this.#listed.subarray(0, this.#count).toSorted();
    const indices = new Uint32Array(this.#count);
    const groups = this.#words;
    const bits = this.#bits;
    let at = 0;
    for (let group = 0; group < groups.length; group++) {
      for (let words = groups[group]!; words !== 0; words &= words - 1) {
        const word = (group << 5) | lowestBit(words);
        for (let left = bits[word]!; left !== 0; left &= left - 1) {
          indices[at++] = (word << 5) | lowestBit(left);
        }
      }
    }
    return indices;
  }

  clear(): void {
    if (this.#isListed()) {
      for (let at = 0; at < this.#count; at++) {
        const word = this.#listed[at]! >>> 5;
        this.#bits[word] = 0;
        this.#words[word >>> 5] = 0;
      }
    } else {
      this.#bits.fill(0);
      this.#words.fill(0);
    }
    this.#count = 0;
  }

  #isListed(): boolean {
    return this.#count <= this.#listed.length;
  }
}

/** Of the bits that are set, the number of the lowest. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Bits set in a word (Warren, Hacker's Delight, 5-1). */
function onesIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

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
    others.#eachWord((word, bits) => {
      const before = this.#bits[word]!;
      this.#words[word >>> 5]! |= 1 << (word & 31);
      this.#bits[word] = before | bits;
      this.#count += onesIn(bits & ~before);
    });
  }

  /** All indices in ascending order, in an array of their own. */
  sorted(): Uint32Array {
    if (this.#isListed()) return this.#listed.subarray(0, this.#count).toSorted();
    const indices = new Uint32Array(this.#count);
    let at = 0;
    this.#eachWord((word, bits) => {
      let left = bits;
      while (left !== 0) {
        const lowest = left & -left;
        indices[at++] = (word << 5) | (31 - Math.clz32(lowest));
        left ^= lowest;
      }
    });
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

  #eachWord(visit: (word: number, bits: number) => void): void {
    for (let group = 0; group < this.#words.length; group++) {
      let words = this.#words[group]!;
      while (words !== 0) {
        const lowest = words & -words;
        const word = (group << 5) | (31 - Math.clz32(lowest));
        visit(word, this.#bits[word]!);
        words ^= lowest;
      }
    }
  }
}

/** Bits set in a word (Warren, Hacker's Delight, 5-1). */
function onesIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** Up to this many cells are kept as a list too; beyond it the bits are scanned. */
const MAX_LISTED_CELLS = 1_024;

/** A set of cell indices: one bit a cell, and a short list while it is small. */
export class DirtyCells {
  readonly #bits: Uint32Array;
  readonly #listed: Uint32Array;
  #count = 0;

  constructor(cellCount: number) {
    this.#bits = new Uint32Array((cellCount + 31) >>> 5);
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
    this.#bits[word] = bits | bit;
    if (this.#count < this.#listed.length) this.#listed[this.#count] = index;
    this.#count += 1;
  }

  addAll(others: DirtyCells): void {
    for (const index of others.sorted()) this.add(index);
  }

  /** All indices in ascending order, in an array of their own. */
  sorted(): Uint32Array {
    if (this.#isListed()) return this.#listed.subarray(0, this.#count).toSorted();
    const indices = new Uint32Array(this.#count);
    let at = 0;
    for (let word = 0; word < this.#bits.length; word++) {
      let bits = this.#bits[word]!;
      while (bits !== 0) {
        const lowest = bits & -bits;
        indices[at++] = (word << 5) | (31 - Math.clz32(lowest));
        bits ^= lowest;
      }
    }
    return indices;
  }

  clear(): void {
    if (this.#isListed()) {
      for (let at = 0; at < this.#count; at++) this.#bits[this.#listed[at]! >>> 5] = 0;
    } else {
      this.#bits.fill(0);
    }
    this.#count = 0;
  }

  #isListed(): boolean {
    return this.#count <= this.#listed.length;
  }
}

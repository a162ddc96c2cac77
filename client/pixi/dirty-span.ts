/**
 * The smallest range of cells that holds every change since the last `take`. One range a
 * frame, because every upload has a fixed cost that outweighs the bytes between two changes.
 */
export class DirtySpan {
  #start = Infinity;
  #end = 0;

  get isEmpty(): boolean {
    return this.#end <= this.#start;
  }

  /** Adds the cells from `start` up to and without `end`. */
  addRange(start: number, end: number): void {
    if (start < this.#start) this.#start = start;
    if (end > this.#end) this.#end = end;
  }

  /** The range to upload now; nothing when nothing changed. Starts anew. */
  take(): { start: number; end: number } | undefined {
    if (this.isEmpty) return undefined;
    const span = { start: this.#start, end: this.#end };
    this.#start = Infinity;
    this.#end = 0;
    return span;
  }
}

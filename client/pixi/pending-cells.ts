/** A colour that somebody chose for a cell and that the server has not answered yet. */
export interface PendingCell {
  readonly index: number;
  readonly color: number;
}

/**
 * The cells that are shown before the server has said yes.
 *
 * A cell may be pending several times over; the newest choice is the one that is shown, and
 * when it is rolled back the one before it shows again. `onChange` runs after every change
 * of what is to be shown.
 */
export class PendingCells {
  readonly #cells = new Set<PendingCell>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#cells.size;
  }

  add(index: number, color: number): PendingCell {
    const cell = { index, color };
    this.#cells.add(cell);
    this.#onChange();
    return cell;
  }

  /** The server has answered, with yes or no: from now on its own value is the truth. */
  settle(cell: PendingCell): void {
    if (this.#cells.delete(cell)) this.#onChange();
  }

  /** The server's value of a cell arrived: a choice that it fulfils needs no more waiting. */
  confirm(index: number, color: number): void {
    let hasChanged = false;
    for (const cell of this.#cells) {
      if (cell.index !== index || cell.color !== color) continue;
      this.#cells.delete(cell);
      hasChanged = true;
    }
    if (hasChanged) this.#onChange();
  }

  clear(): void {
    if (this.#cells.size === 0) return;
    this.#cells.clear();
    this.#onChange();
  }

  /** What is to be shown: one entry a cell, the newest choice. */
  shown(): PendingCell[] {
    const newest = new Map<number, PendingCell>();
    for (const cell of this.#cells) newest.set(cell.index, cell);
    return [...newest.values()];
  }
}

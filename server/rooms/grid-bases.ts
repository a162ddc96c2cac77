import { MAX_DEFLATED_GRID_CELLS } from "../../shared/limits.ts";
import type { DirtyCells } from "../../shared/state/dirty-cells.ts";
import type { Grid } from "../../shared/state/grid.ts";
import type { Logger } from "../logger.ts";
import type { BaseWriter } from "../state/base-writer.ts";

/** Changed cells after which a new base is written, while joiners still get the old one. */
const STALE_AFTER_CELLS = 4_096;
/** Changed cells after which joiners wait for the new one: the changes alone cost too much. */
const USELESS_AFTER_CELLS = 65_536;

interface Base {
  /** Since the last one that was written, or failed, was begun; undefined: none was yet. */
  changed: DirtyCells | undefined;
  isBeingWritten: boolean;
}

/**
 * Sees to it that a joiner of a large board costs this thread a copy: the board itself was
 * compressed by somebody else, once for everybody who joins until it is out of date.
 *
 * Nothing is written while nobody joins. The first joiner of a board waits for its base.
 */
export class GridBases {
  readonly #writer: BaseWriter;
  readonly #logger: Logger;
  readonly #onWritten: () => void;
  readonly #bases = new Map<Grid, Base>();

  constructor(writer: BaseWriter, logger: Logger, onWritten: () => void) {
    this.#writer = writer;
    this.#logger = logger;
    this.#onWritten = onWritten;
  }

  /** Looks after a board that has come into the state; knowing it already changes nothing. */
  add(grid: Grid): void {
    const isLarge = grid.width * grid.height > MAX_DEFLATED_GRID_CELLS;
    if (!isLarge || this.#bases.has(grid)) return;
    this.#bases.set(grid, { changed: undefined, isBeingWritten: false });
  }

  /** Forgets the boards that have left the state. */
  keep(isInState: (grid: Grid) => boolean): void {
    for (const [grid, { changed }] of this.#bases) {
      if (isInState(grid)) continue;
      this.#bases.delete(grid);
      grid.setBase(undefined);
      if (changed !== undefined) grid.untrackChanges(changed);
    }
  }

  /** Whether a full state can be encoded now; if not, `onWritten` says when to ask again. */
  prepare(): boolean {
    let isReady = true;
    for (const [grid, base] of this.#bases) {
      const changedCells = base.changed?.count ?? Infinity;
      if (changedCells > STALE_AFTER_CELLS) this.#write(grid, base);
      if (changedCells > USELESS_AFTER_CELLS && base.isBeingWritten) isReady = false;
    }
    return isReady;
  }

  #write(grid: Grid, base: Base): void {
    if (base.isBeingWritten) return;
    base.isBeingWritten = true;
    void this.#replace(grid, base).finally(() => {
      base.isBeingWritten = false;
      this.#onWritten();
    });
  }

  async #replace(grid: Grid, base: Base): Promise<void> {
    // Before the first cell is read: what changes while they are belongs to the delta.
    const changed = grid.trackChanges();
    const body = await this.#compress(grid);
    const isForgotten = this.#bases.get(grid) !== base;
    const unused = isForgotten ? changed : base.changed;
    if (unused !== undefined) grid.untrackChanges(unused);
    if (isForgotten) return;
    base.changed = changed;
    // Without one the grid writes its own, which costs this thread more: everybody gets in
    // all the same, and the next try comes when this one would have been out of date.
    grid.setBase(body && { body, changed });
  }

  async #compress(grid: Grid): Promise<Uint8Array | undefined> {
    try {
      return await this.#writer.write(grid.cells, grid.colors);
    } catch (error) {
      this.#logger.error("a board was not compressed off the main thread", error);
      return undefined;
    }
  }
}

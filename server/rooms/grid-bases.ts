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
  /** Of the base in use; undefined: there is none yet. */
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
    for (const grid of this.#bases.keys()) if (!isInState(grid)) this.#bases.delete(grid);
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
    try {
      const body = await this.#writer.write(grid.cells, grid.colors);
      grid.setBase({ body, changed });
      base.changed = changed;
    } catch (error) {
      this.#logger.error("a board was not compressed off the main thread", error);
      // The grid writes its own base now: slower, and everybody gets in.
      grid.untrackChanges(changed);
      this.#bases.delete(grid);
    }
  }
}

import type { DirtyCells } from "./dirty-cells.ts";

/**
 * All cells of a board as somebody wrote them down earlier, so that a joiner costs a copy
 * and the cells that changed since, never another pass over the board.
 *
 * Whoever makes one off the main thread calls `Grid#trackChanges` first, then reads the
 * cells (a worker may do so through their SharedArrayBuffer while they change), and hands
 * both to `Grid#setBase`. Values are absolute, so a base that already holds some of the
 * changes is as right as one that does not.
 */
export interface GridBase {
  /** What `encodeAllCells` or `deflatedCells` makes. */
  readonly body: Uint8Array;
  /** What `trackChanges` returned before the first cell was read. */
  readonly changed: DirtyCells;
}

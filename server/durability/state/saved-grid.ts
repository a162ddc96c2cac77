import { encodeCellPatch } from "../../../shared/state/cell-patch.ts";
import { encodeFullState } from "../../../shared/state/full-state.ts";
import { Grid } from "../../../shared/state/grid.ts";
import { GridCells } from "../../../shared/state/grid-cells.ts";
import { compressCells } from "../../state/compress-cells.ts";
import type { PackedContent } from "./packed-kinds.ts";

const NO_CHANGES = new Uint32Array(0);

/** A grid as records tell it: what a client would hold who got all of them. */
export class SavedGrid implements PackedContent {
  readonly #content = new GridCells(undefined);

  applyWhole(body: Uint8Array): void {
    this.#content.decodeFullState(body);
  }

  applyChanges(body: Uint8Array): void {
    this.#content.decodePatch(body);
  }

  toBody(): readonly Uint8Array[] {
    const { cells, shape } = this.#content;
    const none = encodeCellPatch(cells, shape.colors, NO_CHANGES);
    return encodeFullState(shape, compressCells(cells, shape.colors), none);
  }

  toCollection(): Grid {
    const grid = new Grid(this.#content.shape);
    // Past all tracking: these cells are nothing new to anybody.
    grid.cells.set(this.#content.cells);
    return grid;
  }

  toPlain(): unknown {
    const { cells, shape } = this.#content;
    return { ...shape, cells: Uint8Array.from(cells) };
  }
}

import type { BaseWriter } from "./base-writer.ts";
import { compressCells } from "./compress-cells.ts";

/** Compresses boards on this very thread, for rooms that no server lends a worker. */
export const inlineBaseWriter: BaseWriter = {
  write: async (cells, colors) => compressCells(cells, colors),
  close: () => Promise.resolve(),
};

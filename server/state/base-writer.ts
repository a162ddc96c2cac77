/**
 * Writes down all cells of a large board, compressed, away from the thread that plays the
 * game. The cells may change meanwhile; see `GridBase` for why that does no harm.
 */
export interface BaseWriter {
  /** Resolves with a body for `Grid#setBase`. */
  write(cells: Uint8Array, colors: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

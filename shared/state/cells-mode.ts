/** How the cells in a body are written: the low three bits of its first byte. */
export const CellsMode = {
  /** All cells, each with the bits that its colours need. */
  PACKED: 0,
  /** All cells as runs of equal ones. */
  RUNS: 1,
  /** The same runs, compressed as raw deflate. */
  DEFLATED_RUNS: 2,
  /** Changed cells: the gaps between their indices as varints, then their values packed. */
  VARINT_GAPS: 3,
  /** Changed cells: the gaps Rice-coded (parameter in the high five bits), then the values. */
  RICE_GAPS: 4,
} as const;

export const MODE_BITS = 3;
export const MODE_MASK = (1 << MODE_BITS) - 1;

/** Colours by cell value, each as `#rrggbb`. */
export type Palette = readonly string[];

/** What a value outside the palette looks like: a colour that nobody would choose. */
const UNKNOWN_COLOR = [0xff, 0x00, 0xff, 0xff] as const;
const BYTES_PER_COLOR = 4;
const MAX_COLORS = 256;

/** 256 colours as RGBA bytes, so that every value that a cell can hold has one. */
export function paletteToRgba(palette: Palette): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array(MAX_COLORS * BYTES_PER_COLOR);
  for (let value = 0; value < MAX_COLORS; value++) {
    const color = palette[value];
    rgba.set(color === undefined ? UNKNOWN_COLOR : parseColor(color), value * BYTES_PER_COLOR);
  }
  return rgba;
}

function parseColor(color: string): [number, number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) throw new RangeError(`palette color "${color}" is not of the form #rrggbb`);
  const [red, green, blue] = match.slice(1).map((part) => Number.parseInt(part, 16));
  return [red ?? 0, green ?? 0, blue ?? 0, 0xff];
}

/**
 * Writes the colours of the cells from `start` up to `end` into `rgba`, where cell `start`
 * begins at byte 0.
 */
export function colorCells(
  cells: Uint8Array,
  start: number,
  end: number,
  paletteRgba: Uint8Array<ArrayBuffer>,
  rgba: Uint8ClampedArray<ArrayBuffer>,
): void {
  // Whole pixels at a time: four bytes each would take four times as long.
  const colors = new Uint32Array(paletteRgba.buffer, paletteRgba.byteOffset, MAX_COLORS);
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, end - start);
  for (let index = start; index < end; index++) {
    pixels[index - start] = colors[cells[index] ?? 0] ?? 0;
  }
}

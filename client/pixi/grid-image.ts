import type { DrawableGrid } from "./grid-layer.ts";
import type { Palette } from "./palette.ts";
import { colorCells, paletteToRgba } from "./palette.ts";

/** The grid as the server has it, as a PNG with one pixel per cell. Needs no renderer. */
export async function gridToPng(grid: DrawableGrid, palette: Palette): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = grid.width;
  canvas.height = grid.height;
  const context = canvas.getContext("2d");
  if (!context) throw new TypeError("this browser has no 2D canvas to make an image with");
  const image = context.createImageData(grid.width, grid.height);
  colorCells(grid.cells, 0, grid.width * grid.height, paletteToRgba(palette), image.data);
  context.putImageData(image, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new TypeError(`image of ${grid.width}×${grid.height} cells cannot be made`);
  return blob;
}

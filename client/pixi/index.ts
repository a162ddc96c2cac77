export type { Cell, ScreenCell, ScreenPoint } from "./camera.ts";
export { Camera } from "./camera.ts";
export type { RendererKind } from "./create-pixi-renderer.ts";
export { gridToPng } from "./grid-image.ts";
export type { GridRendererOptions, PaintInput } from "./grid-renderer.ts";
export { GridRenderer } from "./grid-renderer.ts";
export type { Palette } from "./palette.ts";
export type { PendingCell } from "./pending-cells.ts";
export { PendingCells } from "./pending-cells.ts";

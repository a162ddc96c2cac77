import type { Camera, GridRenderer } from "../../client/pixi/index.ts";

/** Close enough to tap one cell. */
export const TOUCH_ZOOM = 24;

/** Where on a board somebody looks. */
interface BoardView {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** Where somebody has moved to; a view of the whole board stays one in a window of any size. */
export function viewOf({ center, zoom, fitZoom }: Camera): BoardView | undefined {
  return zoom === fitZoom ? undefined : { x: center.x - 0.5, y: center.y - 0.5, zoom };
}

/** `&x=…&y=…&zoom=…` opens the board at a place; a reload, where it was: `kept`. */
export function openAt(renderer: GridRenderer, address: URLSearchParams, kept: unknown): void {
  const { x: left, y: top, zoom: scale } = (kept ?? {}) as Partial<BoardView>;
  const last = [left, top, scale].map(Number);
  const [lastX = Number.NaN, lastY = Number.NaN, lastZoom = Number.NaN] = last;
  if (last.every(Number.isFinite) && lastZoom > 0) {
    renderer.centerOn({ x: lastX, y: lastY }, lastZoom);
    return;
  }
  const named = ["x", "y", "zoom"].map((name) => Number(address.get(name) ?? Number.NaN));
  const [x = Number.NaN, y = Number.NaN, zoom = Number.NaN] = named;
  if (!Number.isInteger(x) || !Number.isInteger(y)) return;
  renderer.centerOn({ x, y }, zoom > 0 ? zoom : TOUCH_ZOOM);
}

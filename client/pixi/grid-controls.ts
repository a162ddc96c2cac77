import type { Unsubscribe } from "../../shared/emitter.ts";
import type { Camera, Cell, ScreenPoint } from "./camera.ts";
import type { GridCursor } from "./grid-cursor.ts";
import { KeyboardInput } from "./keyboard-input.ts";
import { PointerInput, type PointerKind } from "./pointer-input.ts";

/** What a cell was chosen with. */
export type PaintInput = PointerKind | "keyboard";

/** What the controls need of the renderer that has them. */
export interface Controlled {
  readonly camera: Camera;
  readonly cursor: GridCursor;
  /** Size of the grid shown now; 0 by 0 while there is none. */
  readonly gridSize: () => { width: number; height: number };
  /** Moves the camera; what is seen follows. */
  readonly moveView: (move: () => void) => void;
  readonly paint: (cell: Cell, input: PaintInput) => void;
}

/** Lets pointers and keys on a canvas move the camera and the cursor, and paint. */
export class GridControls {
  readonly #canvas: HTMLCanvasElement;
  readonly #controlled: Controlled;
  /** Where the mouse rests on the canvas. */
  #mouse: ScreenPoint | undefined;

  constructor(canvas: HTMLCanvasElement, controlled: Controlled) {
    this.#canvas = canvas;
    this.#controlled = controlled;
  }

  start(): Unsubscribe {
    const { cursor } = this.#controlled;
    const hideCursor = (): void => cursor.hide();
    this.#canvas.addEventListener("blur", hideCursor);
    const stopPointer = this.#startPointer();
    const stopKeyboard = this.#startKeyboard();
    return () => {
      this.#canvas.removeEventListener("blur", hideCursor);
      stopPointer();
      stopKeyboard();
    };
  }

  /** The view has moved: the mouse rests, but another cell may have come under it. */
  handleViewMoved(): void {
    this.#hover(this.#mouse);
  }

  #startPointer(): Unsubscribe {
    const { camera, cursor, moveView, paint } = this.#controlled;
    const input = new PointerInput(this.#canvas, {
      pan: (x, y) => moveView(() => camera.panBy(x, y)),
      zoom: (point, factor) => moveView(() => camera.zoomAt(point, factor)),
      hover: (point) => this.#hover(point),
      tap: (point, kind) => {
        const cell = camera.screenToCell(point);
        if (!cell) return;
        cursor.hide();
        cursor.placeAt(cell);
        paint(cell, kind);
      },
    });
    return input.start();
  }

  #startKeyboard(): Unsubscribe {
    const { camera, cursor, moveView, paint } = this.#controlled;
    const input = new KeyboardInput(this.#canvas, {
      move: (x, y) => this.#moveCursor({ x, y }),
      zoom: (factor) => moveView(() => camera.zoomBy(factor)),
      fit: () => moveView(() => camera.fit()),
      press: () => {
        const cell = cursor.shown;
        if (cell) paint(cell, "keyboard");
        else this.#moveCursor({ x: 0, y: 0 });
      },
    });
    return input.start();
  }

  #moveCursor(delta: Cell): void {
    const { camera, cursor, gridSize, moveView } = this.#controlled;
    const size = gridSize();
    if (size.width === 0 || size.height === 0) return;
    const cell = cursor.move(delta, size, camera.center);
    moveView(() => camera.reveal(cell));
  }

  #hover(point: ScreenPoint | undefined): void {
    const { camera, cursor } = this.#controlled;
    this.#mouse = point;
    cursor.hover(point && camera.screenToCell(point));
  }
}

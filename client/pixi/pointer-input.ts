import type { Unsubscribe } from "../../shared/emitter.ts";
import type { ScreenPoint } from "./camera.ts";

export type PointerKind = "mouse" | "touch" | "pen";

/** What can be done with one or two fingers, or a mouse and its wheel. */
export interface PointerActions {
  pan(deltaX: number, deltaY: number): void;
  zoom(point: ScreenPoint, factor: number): void;
  /** Pressed and let go without moving. */
  tap(point: ScreenPoint, kind: PointerKind): void;
  /** A mouse or pen rests at `point`; nothing when it has left. A finger never rests. */
  hover(point: ScreenPoint | undefined): void;
}

/** A press that moves farther than this is a drag. A finger is less steady than a mouse. */
const DRAG_THRESHOLD_PX = { mouse: 4, pen: 6, touch: 10 } as const;
const WHEEL_ZOOM_PER_PX = 0.0015;
/** Browsers report a trackpad's pinch as a wheel with Ctrl, in much smaller steps. */
const PINCH_WHEEL_ZOOM_PER_PX = 0.01;
const PX_PER_WHEEL_LINE = 16;
const PX_PER_WHEEL_PAGE = 400;
const MAX_WHEEL_PX = 400;

/** Turns the pointer events of an element into actions. */
export class PointerInput {
  readonly #element: HTMLElement;
  readonly #actions: PointerActions;
  readonly #pressed = new Map<number, ScreenPoint>();
  /** Where the press began that may still become a tap. */
  #tapStart: ScreenPoint | undefined;

  constructor(element: HTMLElement, actions: PointerActions) {
    this.#element = element;
    this.#actions = actions;
  }

  start(): Unsubscribe {
    const element = this.#element;
    const listening = new AbortController();
    const { signal } = listening;
    element.addEventListener("pointerdown", (event) => this.#handleDown(event), { signal });
    element.addEventListener("pointermove", (event) => this.#handleMove(event), { signal });
    element.addEventListener("pointerup", (event) => this.#handleUp(event), { signal });
    element.addEventListener("pointercancel", (event) => this.#release(event), { signal });
    element.addEventListener("pointerleave", () => this.#actions.hover(undefined), { signal });
    element.addEventListener("wheel", (event) => this.#handleWheel(event), {
      signal,
      passive: false,
    });
    return () => {
      listening.abort();
      this.#pressed.clear();
    };
  }

  #handleDown(event: PointerEvent): void {
    if (event.pointerType === "mouse" && event.button > 1) return;
    // Without capture a drag that leaves the element would never end.
    this.#element.setPointerCapture(event.pointerId);
    const point = this.#pointOf(event);
    this.#pressed.set(event.pointerId, point);
    this.#tapStart = this.#pressed.size === 1 && event.button === 0 ? point : undefined;
  }

  #handleMove(event: PointerEvent): void {
    const point = this.#pointOf(event);
    const before = this.#pressed.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") this.#actions.hover(point);
      return;
    }
    if (this.#tapStart) {
      const threshold = DRAG_THRESHOLD_PX[kindOf(event)];
      if (distance(this.#tapStart, point) <= threshold) return;
      this.#tapStart = undefined;
    }
    const other = this.#otherPressed(event.pointerId);
    this.#pressed.set(event.pointerId, point);
    if (other) this.#pinch(other, before, point);
    else this.#actions.pan(point.x - before.x, point.y - before.y);
  }

  #handleUp(event: PointerEvent): void {
    const isTap = this.#tapStart !== undefined && this.#pressed.has(event.pointerId);
    this.#release(event);
    if (isTap) this.#actions.tap(this.#pointOf(event), kindOf(event));
  }

  #release(event: PointerEvent): void {
    this.#pressed.delete(event.pointerId);
    this.#tapStart = undefined;
  }

  /** Keeps what is between the two fingers between them. */
  #pinch(resting: ScreenPoint, before: ScreenPoint, after: ScreenPoint): void {
    const from = middle(resting, before);
    const to = middle(resting, after);
    this.#actions.pan(to.x - from.x, to.y - from.y);
    const spread = distance(resting, before);
    if (spread > 0) this.#actions.zoom(to, distance(resting, after) / spread);
  }

  #handleWheel(event: WheelEvent): void {
    event.preventDefault();
    const pxPerUnit =
      event.deltaMode === WheelEvent.DOM_DELTA_LINE
        ? PX_PER_WHEEL_LINE
        : event.deltaMode === WheelEvent.DOM_DELTA_PAGE
          ? PX_PER_WHEEL_PAGE
          : 1;
    const px = Math.max(-MAX_WHEEL_PX, Math.min(MAX_WHEEL_PX, event.deltaY * pxPerUnit));
    const perPx = event.ctrlKey ? PINCH_WHEEL_ZOOM_PER_PX : WHEEL_ZOOM_PER_PX;
    this.#actions.zoom(this.#pointOf(event), Math.exp(-px * perPx));
  }

  #otherPressed(pointerId: number): ScreenPoint | undefined {
    for (const [id, point] of this.#pressed) if (id !== pointerId) return point;
    return undefined;
  }

  #pointOf(event: MouseEvent): ScreenPoint {
    const { left, top } = this.#element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}

function kindOf(event: PointerEvent): PointerKind {
  const { pointerType } = event;
  return pointerType === "touch" || pointerType === "pen" ? pointerType : "mouse";
}

function distance(one: ScreenPoint, other: ScreenPoint): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function middle(one: ScreenPoint, other: ScreenPoint): ScreenPoint {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

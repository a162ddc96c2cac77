import type { Unsubscribe } from "../../shared/emitter.ts";

/** What can be done with the keyboard alone. */
export interface KeyboardActions {
  /** Moves the cursor by so many cells. */
  move(deltaX: number, deltaY: number): void;
  zoom(factor: number): void;
  fit(): void;
  /** Enter or the space bar, on the cell under the cursor. */
  press(): void;
}

const ZOOM_STEP = 1.5;
/** An arrow key moves so far while Shift is held. */
const LARGE_STEP_CELLS = 10;

/** Turns key presses on a focused element into actions: arrows, + and -, 0, Enter, space. */
export class KeyboardInput {
  readonly #element: HTMLElement;
  readonly #actions: KeyboardActions;

  constructor(element: HTMLElement, actions: KeyboardActions) {
    this.#element = element;
    this.#actions = actions;
  }

  start(): Unsubscribe {
    const handle = (event: KeyboardEvent): void => this.#handleKey(event);
    this.#element.addEventListener("keydown", handle);
    return () => this.#element.removeEventListener("keydown", handle);
  }

  #handleKey(event: KeyboardEvent): void {
    // With these held the key belongs to the browser: Ctrl and + zooms the page.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = this.#actionFor(event);
    if (!action) return;
    event.preventDefault();
    action();
  }

  #actionFor(event: KeyboardEvent): (() => void) | undefined {
    const actions = this.#actions;
    const step = event.shiftKey ? LARGE_STEP_CELLS : 1;
    switch (event.key) {
      case "ArrowLeft":
        return () => actions.move(-step, 0);
      case "ArrowRight":
        return () => actions.move(step, 0);
      case "ArrowUp":
        return () => actions.move(0, -step);
      case "ArrowDown":
        return () => actions.move(0, step);
      case "+":
      case "=":
        return () => actions.zoom(ZOOM_STEP);
      case "-":
      case "_":
        return () => actions.zoom(1 / ZOOM_STEP);
      case "0":
        return () => actions.fit();
      case "Enter":
      case " ":
        // A held key repeats; holding Enter must not paint thirty times a second.
        return event.repeat ? () => undefined : () => actions.press();
      default:
        return undefined;
    }
  }
}

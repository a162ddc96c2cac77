import { findElement } from "../gallery/find-element.ts";
import { timeAgo } from "../gallery/time-ago.ts";
import type { ReplayGrid } from "./replay-grid.ts";

/** A few pixels do not pass in a blink, and ten thousand take no longer than this. */
const MS_PER_PIXEL = 250;
const MIN_PLAY_MS = 1_500;
const MAX_PLAY_MS = 8_000;
/** The last picture stays so long before the live board comes back. */
const REST_MS = 1_200;

/**
 * Plays a replay, with a slider to go through it by hand. It ends by itself, at Escape, and
 * with its button; who asked for less motion gets the slider alone.
 */
export class ReplayBar {
  readonly #box = findElement("replay-bar", HTMLElement);
  readonly #slider = findElement("replay-at", HTMLInputElement);
  readonly #text = findElement("replay-text", HTMLElement);
  #grid: ReplayGrid | undefined;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #onEnd: () => void = () => undefined;

  constructor() {
    this.#slider.addEventListener("input", () => {
      this.#pause();
      this.#show(Number(this.#slider.value));
    });
    findElement("replay-end", HTMLButtonElement).addEventListener("click", () => this.end());
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.end();
    });
  }

  get isOpen(): boolean {
    return this.#grid !== undefined;
  }

  /** `onEnd` is called once, whatever ended it. */
  start(grid: ReplayGrid, onEnd: () => void): void {
    this.end();
    this.#grid = grid;
    this.#onEnd = onEnd;
    this.#slider.max = String(grid.length);
    this.#box.hidden = false;
    this.#show(0);
    this.#slider.focus();
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.#play(grid);
  }

  end(): void {
    if (!this.isOpen) return;
    this.#pause();
    this.#grid = undefined;
    const hadFocus = this.#box.contains(document.activeElement);
    this.#box.hidden = true;
    if (hadFocus) findElement("replay", HTMLButtonElement).focus();
    this.#onEnd();
  }

  #play(grid: ReplayGrid): void {
    const playMs = Math.min(MAX_PLAY_MS, Math.max(MIN_PLAY_MS, grid.length * MS_PER_PIXEL));
    const startedAt = performance.now();
    const step = (now: number): void => {
      this.#show(Math.floor((Math.max(0, now - startedAt) * grid.length) / playMs));
      if (grid.shown < grid.length) this.#frame = requestAnimationFrame(step);
      else this.#rest = setTimeout(() => this.end(), REST_MS);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #pause(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
  }

  #show(count: number): void {
    const grid = this.#grid;
    if (grid === undefined) return;
    grid.show(count);
    const { shown, length, ageMs } = grid;
    const text = `${shown} of ${length} ${length === 1 ? "pixel" : "pixels"} · ${timeAgo(ageMs)}`;
    this.#slider.value = String(shown);
    this.#slider.setAttribute("aria-valuetext", text);
    this.#text.textContent = text;
  }
}

import { findElement } from "./find-element.ts";

const SECOND_MS = 1_000;
/** What was told twice differs by the time that it took to arrive. */
const SAME_MS = 500;

/** Shows how long one has to wait: in whole seconds, and as a bar that fills. */
export class WaitBar {
  readonly #box = findElement("wait", HTMLElement);
  readonly #text = findElement("wait-text", HTMLElement);
  readonly #fill = findElement("wait-fill", HTMLElement);
  readonly #readyText: string;
  readonly #waitText: string;
  #endsAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readyText: string, waitText: string) {
    this.#readyText = readyText;
    this.#waitText = waitText;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Begins a wait; of no time, or of one that is shown already, nothing happens. */
  start(totalMs: number): void {
    const { leftMs } = this;
    const isShown = leftMs > 0 && Math.abs(totalMs - leftMs) < SAME_MS;
    if (totalMs <= 0 || isShown) return;
    clearTimeout(this.#timer);
    this.#endsAt = performance.now() + totalMs;
    delete this.#box.dataset["ready"];
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const from = { width: isStill ? "100%" : "0%" };
    this.#fill.animate([from, { width: "100%" }], { duration: totalMs });
    this.#tick();
  }

  #tick(): void {
    const { leftMs } = this;
    if (leftMs === 0) {
      this.#box.dataset["ready"] = "yes";
      this.#text.textContent = this.#readyText;
      return;
    }
    this.#text.textContent = `${this.#waitText} ${Math.ceil(leftMs / SECOND_MS)} s`;
    // At the moment when the number of seconds changes, not a second from some time on.
    this.#timer = setTimeout(() => this.#tick(), leftMs % SECOND_MS || SECOND_MS);
  }
}

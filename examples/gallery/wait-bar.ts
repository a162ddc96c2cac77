import { findElement } from "./find-element.ts";

const SECOND_MS = 1_000;

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

  /** Begins the wait anew; of no time, nothing happens. */
  start(totalMs: number): void {
    if (totalMs <= 0) return;
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

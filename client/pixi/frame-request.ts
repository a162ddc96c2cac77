/**
 * Runs a callback in the next animation frame, once, however often it is asked for. Nothing
 * runs in a frame that nobody asked for.
 */
export class FrameRequest {
  readonly #callback: () => void;
  #frame: number | undefined;
  #isStopped = false;

  constructor(callback: () => void) {
    this.#callback = callback;
  }

  request(): void {
    if (this.#isStopped) return;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#callback();
    });
  }

  /** Final: what is asked for from now on never runs. */
  stop(): void {
    this.#isStopped = true;
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }
}

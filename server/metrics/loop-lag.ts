import { monitorEventLoopDelay } from "node:perf_hooks";

/** Looked at this often: each look wakes an idle process and costs about 0.05 ms. */
const RESOLUTION_MS = 50;
const NANOSECONDS = 1e9;

/** How late timers of this process come, between two looks. */
export class LoopLag {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#delays.enable();
  }

  stop(): void {
    this.#delays.disable();
  }

  /** In seconds, since the last call. */
  take(): { median: number; p99: number; max: number } {
    const seconds = (nanoseconds: number): number =>
      // What is measured is the whole time between two timers, and nothing before the first.
      Math.max(0, (nanoseconds || 0) / NANOSECONDS - RESOLUTION_MS / 1_000);
    const median = seconds(this.#delays.percentile(50));
    const taken = {
      median,
      p99: seconds(this.#delays.percentile(99)),
      max: seconds(this.#delays.max),
    };
    this.#delays.reset();
    return taken;
  }
}

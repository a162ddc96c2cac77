import type { CancelTimer, Clock } from "./clock.ts";

/** The real time, of the machine it runs on. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs: number, callback: () => void): CancelTimer {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

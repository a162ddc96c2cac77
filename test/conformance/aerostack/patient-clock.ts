import type { CancelTimer, Clock } from "../../../shared/clock.ts";
import { systemClock } from "../../../shared/system-clock.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const TURN_MS = 200;

/**
 * For a real server: its time stands still until a test moves it, and with it every timer
 * that takes long; what is due within a moment runs by itself.
 */
export class PatientClock implements Clock {
  readonly #clock = new FakeClock();

  now(): number {
    return this.#clock.now();
  }

  schedule(delayMs: number, callback: () => void): CancelTimer {
    const clock = delayMs <= TURN_MS ? systemClock : this.#clock;
    return clock.schedule(delayMs, callback);
  }

  advance(durationMs: number): Promise<void> {
    return this.#clock.advance(durationMs);
  }
}

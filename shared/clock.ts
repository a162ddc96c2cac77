/** Stops what `Clock.schedule` started; calling it again is a no-op. */
export type CancelTimer = () => void;

/** Where every part takes its time from, so that a test can be the one who moves it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `callback` once, `delayMs` milliseconds from now at the earliest. */
  schedule(delayMs: number, callback: () => void): CancelTimer;
}

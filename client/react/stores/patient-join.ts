import { backoffDelayMs } from "../../../shared/backoff.ts";
import type { CancelTimer, Clock } from "../../../shared/clock.ts";
import { SyncError, type SyncErrorCode } from "../../../shared/errors.ts";
import type { WakeSignals } from "../../connection/wake-signals.ts";
import type { JoinedRoom } from "../../joined-room.ts";

/** A room of which nothing is known but that it is one. */
export type SomeRoom = JoinedRoom<unknown>;

export interface PatientJoinParts {
  readonly clock: Clock;
  readonly wakeSignals: WakeSignals;
  readonly join: () => Promise<SomeRoom>;
  /** It is there. `isLatest`: as long as nobody joined anew or gave up. */
  readonly joined: (room: SomeRoom, isLatest: () => boolean) => void;
  /** It was refused; unless that is final, another attempt is ahead. */
  readonly refused: (error: unknown, isFinal: boolean) => void;
}

/** Failures of a join that pass by themselves. */
const PASSING: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  "disconnected",
  "timed-out",
  "unreachable",
]);

/** Joins a room: again and again, and at once on a hint, while what is in the way may pass. */
export class PatientJoin {
  readonly #parts: PatientJoinParts;
  /** Counts the attempts: of those before the latest one nothing counts any more. */
  #round = 0;
  #attempts = 0;
  #stopWaiting: CancelTimer = () => undefined;

  constructor(parts: PatientJoinParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#attempts = 0;
    this.#try();
  }

  /** What is joined later is left at once. */
  stop(): void {
    this.#round += 1;
    this.#stopWaiting();
  }

  #try(): void {
    this.stop();
    const round = this.#round;
    const isLatest = (): boolean => round === this.#round;
    this.#parts.join().then(
      (room) => (isLatest() ? this.#parts.joined(room, isLatest) : room.leave()),
      (error: unknown) => isLatest() && this.#handleRefusal(error),
    );
  }

  #handleRefusal(error: unknown): void {
    const isPassing = passes(error);
    if (isPassing) this.#wait(error.retryAfterMs ?? 0);
    this.#parts.refused(error, !isPassing);
  }

  #wait(atLeastMs: number): void {
    const { clock, wakeSignals } = this.#parts;
    const delayMs = Math.max(atLeastMs, backoffDelayMs(this.#attempts));
    this.#attempts += 1;
    const cancelTimer = clock.schedule(delayMs, () => this.#try());
    const stopListening = wakeSignals.onWake(() => this.#try());
    this.#stopWaiting = () => {
      cancelTimer();
      stopListening();
    };
  }
}

function passes(error: unknown): error is SyncError {
  if (!(error instanceof SyncError)) return false;
  return PASSING.has(error.code) || error.retryAfterMs !== undefined;
}

import type { Clock } from "../../shared/clock.ts";

/** How long an intent id is remembered: longer than any client retries. */
const REMEMBER_MS = 600_000;
/** How many ids one room remembers, whoever sent them. */
const MAX_REMEMBERED = 10_000;

/**
 * Which intents a room has applied, and what came of them, so that a client that asks
 * again after a cut gets the first answer and the effect happens once.
 *
 * Ids count per user. What is older than ten minutes, or than the last 10,000, is forgotten.
 */
export class AppliedIntents {
  readonly #clock: Clock;
  readonly #outcomes = new Map<string, { at: number; outcome: unknown }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What `apply` gave the first time that this user sent this id; runs it at most once. */
  once<Outcome>(userId: string, intentId: string, apply: () => Outcome): Outcome {
    // Both may hold any character: no separator would keep every pair apart.
    const key = JSON.stringify([userId, intentId]);
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known.outcome as Outcome;
    const outcome = apply();
    this.#outcomes.set(key, { at: this.#clock.now(), outcome });
    this.#forgetOldest();
    return outcome;
  }

  #forgetOldest(): void {
    const horizon = this.#clock.now() - REMEMBER_MS;
    // A Map iterates in the order of insertion: the oldest come first.
    for (const [key, { at }] of this.#outcomes) {
      if (at >= horizon && this.#outcomes.size <= MAX_REMEMBERED) return;
      this.#outcomes.delete(key);
    }
  }
}

import type { Clock } from "../../shared/clock.ts";

/** How long an intent id is remembered: longer than any client retries. */
const REMEMBER_MS = 600_000;
/** How many ids are remembered of each user. */
const MAX_REMEMBERED = 1_000;
/** Users after which those whose ids are all too old are thrown away. */
const SWEEP_SIZE = 1_024;

type Outcomes = Map<string, { readonly at: number; readonly outcome: unknown }>;

/**
 * Which intents a room has applied, and what came of them, so that a client that asks
 * again after a cut gets the first answer and the effect happens once.
 *
 * Of each user the last 1,000 are remembered, for ten minutes: nobody can make the room
 * forget somebody else's.
 */
export class AppliedIntents {
  readonly #clock: Clock;
  readonly #users = new Map<string, Outcomes>();
  #sweepAt = SWEEP_SIZE;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What `apply` gave the first time that this user sent this id; runs it at most once. */
  once<Outcome>(userId: string, intentId: string, apply: () => Outcome): Outcome {
    const outcomes = this.#outcomesOf(userId);
    const known = outcomes.get(intentId);
    if (known !== undefined) return known.outcome as Outcome;
    const outcome = apply();
    outcomes.set(intentId, { at: this.#clock.now(), outcome });
    this.#forgetOldest(outcomes);
    return outcome;
  }

  #outcomesOf(userId: string): Outcomes {
    let outcomes = this.#users.get(userId);
    if (outcomes === undefined) {
      this.#sweep();
      outcomes = new Map();
      this.#users.set(userId, outcomes);
    }
    return outcomes;
  }

  #forgetOldest(outcomes: Outcomes): void {
    const horizon = this.#clock.now() - REMEMBER_MS;
    // A Map iterates in the order of insertion: the oldest come first.
    for (const [id, { at }] of outcomes) {
      if (at >= horizon && outcomes.size <= MAX_REMEMBERED) return;
      outcomes.delete(id);
    }
  }

  #sweep(): void {
    if (this.#users.size < this.#sweepAt) return;
    for (const [userId, outcomes] of this.#users) {
      this.#forgetOldest(outcomes);
      if (outcomes.size === 0) this.#users.delete(userId);
    }
    this.#sweepAt = Math.max(SWEEP_SIZE, this.#users.size * 2);
  }
}

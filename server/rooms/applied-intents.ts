import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { INTENT_MEMORY_MS } from "../../shared/limits.ts";
import type { SavedIntent } from "../durability/tick-content.ts";
import { rejected, type Outcome } from "./outcome.ts";

/** How many ids are remembered of each user. */
const MAX_REMEMBERED = 1_000;
/** Of how many clients of a user it is known which of their ids are too old. */
const MAX_PREFIXES = 100;
/** Users after which those whose ids are all too old are thrown away. */
const SWEEP_SIZE = 1_024;

interface Remembered {
  readonly at: number;
  outcome: Outcome | Promise<Outcome>;
}

interface UserIntents {
  readonly outcomes: Map<string, Remembered>;
  /** By the prefix of a client's ids: the highest counter that was forgotten. */
  readonly forgotten: Map<string, number>;
}

/**
 * Which intents a room has applied, and what came of them, so that a client that asks
 * again after a cut gets the first answer and the effect happens once.
 *
 * Of each user the last 1,000 are remembered, for ten minutes: nobody can make the room
 * forget somebody else's. An id that was forgotten is refused (`intent-expired`), because
 * nobody knows any more whether it was applied.
 */
export class AppliedIntents {
  readonly #clock: Clock;
  readonly #users = new Map<string, UserIntents>();
  #sweepAt = SWEEP_SIZE;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What `apply` gave the first time that this user sent this id; runs it at most once. */
  once(
    userId: string,
    intentId: string,
    apply: () => Outcome | Promise<Outcome>,
  ): Outcome | Promise<Outcome> {
    const user = this.#intentsOf(userId);
    const known = user.outcomes.get(intentId);
    if (known !== undefined) return known.outcome;
    if (isForgotten(user, intentId)) {
      return rejected(new SyncError("intent-expired", `intent "${intentId}" came too late`));
    }
    const outcome = apply();
    const remembered: Remembered = { at: this.#clock.now(), outcome };
    user.outcomes.set(intentId, remembered);
    if (outcome instanceof Promise) void settle(remembered, outcome);
    this.#forgetOldest(user);
    return outcome;
  }

  /** Takes up what an earlier process applied. */
  restore(intents: Iterable<SavedIntent>): void {
    for (const { userId, intentId, at, reply } of intents) {
      const outcome: Outcome = { isRejected: false, payload: reply };
      this.#intentsOf(userId).outcomes.set(intentId, { at, outcome });
    }
  }

  /** Those that were applied, as a record has them. */
  *entries(): Generator<SavedIntent> {
    for (const [userId, { outcomes }] of this.#users) {
      for (const [intentId, { at, outcome }] of outcomes) {
        if (outcome instanceof Promise || outcome.isRejected) continue;
        yield { userId, intentId, at, reply: outcome.payload };
      }
    }
  }

  #intentsOf(userId: string): UserIntents {
    let user = this.#users.get(userId);
    if (user === undefined) {
      this.#sweep();
      user = { outcomes: new Map(), forgotten: new Map() };
      this.#users.set(userId, user);
    }
    return user;
  }

  #forgetOldest({ outcomes, forgotten }: UserIntents): void {
    const horizon = this.#clock.now() - INTENT_MEMORY_MS;
    // A Map iterates in the order of insertion: the oldest come first.
    for (const [id, { at }] of outcomes) {
      if (at >= horizon && outcomes.size <= MAX_REMEMBERED) return;
      outcomes.delete(id);
      const [prefix, counter] = splitId(id);
      if (counter === undefined) continue;
      forgotten.set(prefix, Math.max(counter, forgotten.get(prefix) ?? 0));
      if (forgotten.size > MAX_PREFIXES) forgotten.delete(forgotten.keys().next().value!);
    }
  }

  #sweep(): void {
    if (this.#users.size < this.#sweepAt) return;
    for (const [userId, user] of this.#users) {
      this.#forgetOldest(user);
      if (user.outcomes.size === 0) this.#users.delete(userId);
    }
    this.#sweepAt = Math.max(SWEEP_SIZE, this.#users.size * 2);
  }
}

/** Puts the outcome itself in place of the promise of it. */
async function settle(remembered: Remembered, outcome: Promise<Outcome>): Promise<void> {
  remembered.outcome = await outcome;
}

function isForgotten({ forgotten }: UserIntents, intentId: string): boolean {
  const [prefix, counter] = splitId(intentId);
  return counter !== undefined && counter <= (forgotten.get(prefix) ?? -1);
}

/** Our clients count their intents: `<random prefix>-<counter>`. Other ids have no counter. */
function splitId(intentId: string): [prefix: string, counter: number | undefined] {
  const match = /^(.+)-(\d{1,15})$/.exec(intentId);
  return match === null ? [intentId, undefined] : [match[1]!, Number(match[2])];
}

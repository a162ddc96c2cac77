import { backoffDelayMs, type BackoffRange, wholeDelayMs } from "../../shared/backoff.ts";
import { ANNOUNCED_RETURN_MS, ANNOUNCED_SLOT_MS } from "../../shared/limits.ts";

/**
 * How long to wait before each attempt to come back.
 *
 * After a loss that nobody announced: 1, 2, 4, 8, 16, 30 s, each spread by a fifth.
 *
 * After a restart that the server announced, everybody was cut off in the same instant, and a
 * fifth to either side would not spread them. Time is then cut into slots as long as those
 * delays, and each attempt comes at a random moment of its own slot: nobody tries twice in one,
 * so that nobody is through the short ones before the server is back, and nobody skips one. It
 * said that it comes back, so for ten seconds the slots do not grow beyond 1.5 s: of a thousand
 * clients 67 try in a tenth of a second, and who has just missed it is in 3 s later at most.
 */
export class Backoff {
  readonly #random: () => number;
  readonly #range: BackoffRange | undefined;
  /** How often the delay has doubled. */
  #doublings = 0;
  #isAnnounced = false;
  /** Of all slots since the loss. */
  #slotsMs = 0;
  /** Up to which they grow while the server is expected. */
  #longestMs = 0;
  /** What is left of the last slot behind its attempt. */
  #restMs = 0;

  constructor(random: () => number, range?: BackoffRange) {
    this.#random = random;
    this.#range = range;
  }

  /** The next loss is the first again. */
  reset(): void {
    this.#doublings = 0;
  }

  /** There was a loss; `isAnnounced` when the server told everybody to come back. */
  begin(isAnnounced: boolean): void {
    this.#isAnnounced = isAnnounced;
    this.#slotsMs = 0;
    this.#restMs = 0;
    const firstMs = wholeDelayMs(this.#doublings, this.#range);
    this.#longestMs = Math.max(firstMs, ANNOUNCED_SLOT_MS);
  }

  /** Milliseconds to wait from now on, which is when the attempt before has failed. */
  next(): number {
    return this.#isAnnounced ? this.#nextInSlot() : this.#nextOnLadder();
  }

  #nextOnLadder(): number {
    const delayMs = backoffDelayMs(this.#doublings, this.#random, this.#range);
    this.#doublings += 1;
    return delayMs;
  }

  #nextInSlot(): number {
    const wholeMs = wholeDelayMs(this.#doublings, this.#range);
    const longestMs = this.#slotsMs < ANNOUNCED_RETURN_MS ? this.#longestMs : Infinity;
    const slotMs = Math.min(wholeMs, longestMs);
    if (wholeMs < longestMs) this.#doublings += 1;
    this.#slotsMs += slotMs;
    const attemptAtMs = Math.round(slotMs * this.#random());
    const delayMs = this.#restMs + attemptAtMs;
    this.#restMs = slotMs - attemptAtMs;
    return delayMs;
  }
}

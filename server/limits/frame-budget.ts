import type { FrameRates } from "./server-limits.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Counts a frame. Returns what it is too much of, if it is. */
export interface FrameCounter {
  take(bytes: number, now: number): string | undefined;
}

/**
 * What may still be sent: over one connection, or over all those that share a wider budget,
 * such as a user's or an address's.
 */
export class FrameBudget implements FrameCounter {
  readonly #frames: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #wider: FrameCounter | undefined;

  constructor({ frames, frameBytes }: FrameRates, wider?: FrameCounter) {
    this.#frames = new TokenBucket(frames);
    this.#bytes = new TokenBucket(frameBytes);
    this.#wider = wider;
  }

  take(bytes: number, now: number): string | undefined {
    return this.#takeOwn(bytes, now) ?? this.#wider?.take(bytes, now);
  }

  isFull(now: number): boolean {
    return this.#frames.isFull(now) && this.#bytes.isFull(now);
  }

  #takeOwn(bytes: number, now: number): string | undefined {
    if (this.#frames.waitMs(now) > 0)
      return `more than ${this.#frames.rate.perSecond} frames a second`;
    if (this.#bytes.waitMs(now, bytes) > 0) {
      return `more than ${this.#bytes.rate.perSecond} bytes of frames a second`;
    }
    this.#frames.take(now);
    this.#bytes.take(now, bytes);
    return undefined;
  }
}

/** What may be got back after a loss: a seat, what a topic said, a durable room. */
export type Recoverable = "seat" | "topic" | "room";

/**
 * Told by the parts of a server what they do; who counts it, and how, is not their business.
 * Called in hot paths: nothing here may throw, wait or keep what it is given.
 */
export interface Meter {
  /** A room begins a tick, so many milliseconds after it was due. */
  ticked(lateMs: number): void;
  /** A tick sent so many bytes of patches and full states, over all clients of its room. */
  patched(bytes: number): void;
  /** A client that reads too slowly begins to skip patches. */
  conflated(): void;
  /** A client that reads too slowly for its messages is cut off. */
  cut(): void;
  /** A durable room's tick was saved, or could not be. */
  committed(tookMs: number, isSaved: boolean): void;
  /** Somebody was refused; `code` is one of `SyncErrorCode`, or `handler` for the game's own. */
  rejected(code: string): void;
  recovered(what: Recoverable, isRecovered: boolean): void;
}

/** Counts nothing. */
export const noMeter: Meter = {
  ticked() {},
  patched() {},
  conflated() {},
  cut() {},
  committed() {},
  rejected() {},
  recovered() {},
};

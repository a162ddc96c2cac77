import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
import { systemClock } from "../../shared/system-clock.ts";

const SHOWN_MS = 6_000;

/** Says one sentence at a time in a live region, so that screen readers say it too. */
export class Sentences {
  readonly #region: Pick<HTMLElement, "textContent">;
  readonly #clock: Clock;
  /** What is said when nothing else is. */
  #kept = "";
  #stopTimer: CancelTimer | undefined;

  constructor(region: Pick<HTMLElement, "textContent">, clock: Clock = systemClock) {
    this.#region = region;
    this.#clock = clock;
  }

  get keepsSilent(): boolean {
    return this.#kept === "";
  }

  /** Says it for a while, and then again what it keeps saying. */
  say(sentence: string): void {
    this.#show(sentence);
    this.#stopTimer = this.#clock.schedule(SHOWN_MS, () => this.#show(this.#kept));
  }

  /** Says it until it is told to keep saying something else, or nothing. */
  keepSaying(sentence: string): void {
    this.#kept = sentence;
    this.#show(sentence);
  }

  clear(): void {
    this.keepSaying("");
  }

  #show(sentence: string): void {
    this.#stopTimer?.();
    this.#region.textContent = sentence;
  }
}

/** What a code means to a visitor; the other codes speak for themselves. */
const SENTENCES: Partial<Record<SyncErrorCode, (error: SyncError) => string>> = {
  "auth-failed": () => "Your session has ended. Reload the page to begin a new one.",
  cooldown: ({ retryAfterMs = 0 }) => `Wait ${secondsIn(retryAfterMs)} before your next one.`,
  disconnected: () => "The server cannot be reached.",
  "handler-failed": () =>
    "That went wrong on the server. Try something else, or try it again later.",
  "intent-expired": () => "That took too long to arrive. Look whether it was done.",
  "not-durable": () => "This is done, but could not be saved yet.",
  "rate-limited": () => "That was a little too fast. Try again in a moment.",
  "room-full": () => "It is full. Try again when somebody has left.",
  "room-claimed": () => "It is moving to another server. Try again in a moment.",
  "session-expired": () => "Your session has ended. Reload the page to begin a new one.",
  "state-incompatible": () => "What is saved here cannot be opened by this version of the server.",
  "state-malformed": () => "What is saved here is damaged and cannot be opened.",
  "store-unavailable": () => "Nothing can be saved at the moment. Try again in a while.",
  "timed-out": () => "The server did not answer in time.",
  unreachable: () => "The server cannot be reached.",
  "version-mismatch": () => "A new version is here. Reload the page to get it.",
};

/** What went wrong, as one would tell it to somebody. */
export function sentenceFor(error: unknown): string {
  if (!(error instanceof SyncError)) return "Something went wrong. Reloading the page may help.";
  return SENTENCES[error.code]?.(error) ?? asSentence(error.message);
}

/** "3 seconds", "1 second": never less than one. */
export function secondsIn(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1_000));
  return seconds === 1 ? "1 second" : `${seconds} seconds`;
}

function asSentence(message: string): string {
  const ends = /[.!?]$/.test(message) ? "" : ".";
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${ends}`;
}

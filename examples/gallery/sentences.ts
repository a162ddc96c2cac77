import { SyncError, type SyncErrorCode } from "../../shared/errors.ts";

const SHOWN_MS = 6_000;

/** Says one sentence at a time in a live region, so that screen readers say it too. */
export class Sentences {
  readonly #region: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(region: HTMLElement) {
    this.#region = region;
  }

  get isSilent(): boolean {
    return this.#region.textContent === "";
  }

  /** Says it for a while. */
  say(sentence: string): void {
    this.keepSaying(sentence);
    this.#timer = setTimeout(() => this.clear(), SHOWN_MS);
  }

  /** Says it until something else is said. */
  keepSaying(sentence: string): void {
    clearTimeout(this.#timer);
    this.#region.textContent = sentence;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#region.textContent = "";
  }
}

/** What a code means to a visitor; the other codes speak for themselves. */
const SENTENCES: Partial<Record<SyncErrorCode, (error: SyncError) => string>> = {
  "auth-failed": () => "Your session has ended. Reload the page to begin a new one.",
  cooldown: ({ retryAfterMs = 0 }) => `Wait ${secondsIn(retryAfterMs)} before your next one.`,
  disconnected: () => "The server cannot be reached.",
  "rate-limited": () => "That was a little too fast. Try again in a moment.",
  "room-full": () => "It is full. Try again when somebody has left.",
  "session-expired": () => "Your session has ended. Reload the page to begin a new one.",
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

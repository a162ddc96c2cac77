/** What went wrong, for programs. `docs/rooms.md` says what each means. */
export type SyncErrorCode =
  | "already-listening"
  | "auth-failed"
  | "channel-limit"
  | "closed"
  | "cooldown"
  | "disconnected"
  | "forbidden-origin"
  | "frame-malformed"
  | "frame-too-large"
  | "handler-failed"
  | "intent-expired"
  | "join-refused"
  | "not-allowed"
  | "not-durable"
  | "not-found"
  | "options-invalid"
  | "out-of-range"
  | "payload-invalid"
  | "payload-too-large"
  | "rate-limited"
  | "room-claimed"
  | "room-full"
  | "room-lost"
  | "room-unknown"
  | "session-expired"
  | "state-incompatible"
  | "state-malformed"
  | "store-unavailable"
  | "timed-out"
  | "topic-invalid"
  | "unknown-message"
  | "unreachable"
  | "version-mismatch"
  | "wrong-entry";

/** The facts that some codes carry beside the message. */
export interface SyncErrorDetails extends ErrorOptions {
  /** When trying again can succeed, in milliseconds from now. */
  retryAfterMs?: number;
}

/** Every error this framework throws or reports. Branch on `code`; `message` is for people. */
export class SyncError extends Error {
  override readonly name = "SyncError";
  readonly code: SyncErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: SyncErrorCode, message: string, details: SyncErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryAfterMs = details.retryAfterMs;
  }
}

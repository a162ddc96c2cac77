import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { MAX_OUTBOX_AGE_MS, MAX_OUTBOX_MESSAGES, REQUEST_TIMEOUT_MS } from "../../shared/limits.ts";

interface Request {
  readonly frame: Uint8Array;
  readonly madeAt: number;
  /** The caller's own limit; it counts from the call, whatever happens meanwhile. */
  readonly timeoutMs: number | undefined;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: SyncError) => void;
  isSent: boolean;
  cancelTimer: CancelTimer;
}

/**
 * Requests from the call to their reply, in the order they were made.
 *
 * - Away, they wait: `MAX_OUTBOX_MESSAGES` at most, `MAX_OUTBOX_AGE_MS` each.
 * - Those that were sent and not yet answered when the connection was lost wait as well, and
 *   go out again as the same bytes: with the same intent id, which the server applies once.
 * - Each is settled exactly once: by its reply, by its time, or by `close`.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #requests = new Map<number, Request>();
  #send: ((frame: Uint8Array) => boolean) | undefined;
  #closedBy: SyncError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(requestId: number, frame: Uint8Array, timeoutMs?: number): Promise<unknown> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    if (this.#send === undefined && this.#requests.size >= MAX_OUTBOX_MESSAGES) {
      const message = `${MAX_OUTBOX_MESSAGES} requests already wait for the connection`;
      return Promise.reject(new SyncError("disconnected", message));
    }
    return new Promise((resolve, reject) => {
      const request: Request = {
        frame,
        madeAt: this.#clock.now(),
        timeoutMs,
        resolve,
        reject,
        isSent: false,
        cancelTimer: () => undefined,
      };
      this.#requests.set(requestId, request);
      this.#limit(requestId, request);
      this.#trySend(requestId, request);
    });
  }

  /** The connection stands: everything that waits goes out, oldest first. */
  open(send: (frame: Uint8Array) => boolean): void {
    this.#send = send;
    for (const [requestId, request] of this.#requests) this.#trySend(requestId, request);
  }

  /**
   * The connection is lost: what has no reply yet waits for the next one. Where a repetition
   * would be applied twice (`canRepeat` false), what was already sent is given up instead.
   */
  hold(canRepeat: boolean): void {
    this.#send = undefined;
    for (const [requestId, request] of this.#requests) {
      if (request.isSent && !canRepeat) {
        this.settle(requestId, new SyncError("disconnected", "the connection was lost"));
        continue;
      }
      request.isSent = false;
      this.#limit(requestId, request);
    }
  }

  /** Settles the request; does nothing when it was given up before. */
  settle(requestId: number, reply: { readonly value: unknown } | SyncError): void {
    const request = this.#requests.get(requestId);
    if (request === undefined) return;
    this.#requests.delete(requestId);
    request.cancelTimer();
    if (reply instanceof SyncError) request.reject(reply);
    else request.resolve(reply.value);
  }

  /** Nothing will be sent or answered any more. */
  close(error: SyncError): void {
    this.#closedBy = error;
    this.#send = undefined;
    for (const requestId of this.#requests.keys()) this.settle(requestId, error);
  }

  #trySend(requestId: number, request: Request): void {
    if (request.isSent || this.#send?.(request.frame) !== true) return;
    request.isSent = true;
    this.#limit(requestId, request);
  }

  /** Sets the time after which the request is given up, as it now stands. */
  #limit(requestId: number, request: Request): void {
    request.cancelTimer();
    const { timeoutMs, isSent } = request;
    const livedMs = this.#clock.now() - request.madeAt;
    const error = expiry(timeoutMs, isSent);
    const remainingMs =
      timeoutMs === undefined && isSent
        ? REQUEST_TIMEOUT_MS
        : (timeoutMs ?? MAX_OUTBOX_AGE_MS) - livedMs;
    request.cancelTimer = this.#clock.schedule(Math.max(0, remainingMs), () =>
      this.settle(requestId, error),
    );
  }
}

function expiry(timeoutMs: number | undefined, isSent: boolean): SyncError {
  if (isSent || timeoutMs !== undefined) {
    const waitedMs = timeoutMs ?? REQUEST_TIMEOUT_MS;
    return new SyncError("timed-out", `no reply within ${waitedMs} ms`);
  }
  return new SyncError("disconnected", `no connection within ${MAX_OUTBOX_AGE_MS} ms`);
}

import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import {
  MAX_OUTBOX_AGE_MS,
  MAX_OUTBOX_MESSAGES,
  MAX_REQUESTS_PER_SECOND,
  REQUEST_TIMEOUT_MS,
} from "../../shared/limits.ts";
import { Pace } from "./pace.ts";

/** How a request is carried, where that differs from the usual. */
export interface Carriage {
  /** The caller's own limit; it counts from the call, whatever happens meanwhile. */
  readonly timeoutMs?: number | undefined;
  /** Away, it waits for the connection unless told to be refused. */
  readonly whenAway?: "wait" | "reject";
  /** Sent and then lost without a reply, it goes out again unless told to be given up. */
  readonly whenLost?: "repeat" | "reject";
  /**
   * Means nothing to any other connection: away it is refused, lost it is given up, and it
   * does not count among those that wait.
   */
  readonly isOfConnection?: boolean;
  /** Requests of one lane wait while it is paused, without holding up the others. */
  readonly lane?: string;
  /** Makes the result of the reply, the moment that it arrives: before any later frame. */
  readonly read?: (reply: unknown) => unknown;
}

interface Request extends Carriage {
  readonly frame: Uint8Array;
  readonly madeAt: number;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
  isSent: boolean;
  cancelTimer: CancelTimer;
}

/**
 * Requests from the call to their reply, in the order they were made.
 *
 * - Away, they wait: the latest `MAX_OUTBOX_MESSAGES` of them, `MAX_OUTBOX_AGE_MS` each. So
 *   do those that are more than the server takes in a second, the earliest ones.
 * - Those that were sent and not yet answered when the connection was lost wait as well, and
 *   go out again as the same bytes: with the same id, which the server applies once.
 * - Each is settled exactly once: by its reply, by its time, or by `close`.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #requests = new Map<number, Request>();
  readonly #pausedLanes = new Set<string>();
  readonly #pace: Pace;
  #cancelPace: CancelTimer | undefined;
  #send: ((frame: Uint8Array) => boolean) | undefined;
  #closedBy: SyncError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#pace = new Pace(clock, MAX_REQUESTS_PER_SECOND);
  }

  add(requestId: number, frame: Uint8Array, carriage: Carriage = {}): Promise<unknown> {
    const refusal = this.#refusal(carriage);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const request: Request = {
        ...carriage,
        frame,
        madeAt: this.#clock.now(),
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

  /** The connection stands: everything that waits for it goes out, oldest first. */
  open(send: (frame: Uint8Array) => boolean): void {
    this.#send = send;
    this.#sendWaiting();
  }

  /** Requests of this lane wait from now on, connection or not. */
  pause(lane: string): void {
    this.#pausedLanes.add(lane);
  }

  resume(lane: string): void {
    if (this.#pausedLanes.delete(lane)) this.#sendWaiting();
  }

  /** The connection is lost: what has no reply yet waits for the next one, if it may. */
  hold(): void {
    this.#stop();
    for (const [requestId, request] of this.#requests) {
      const { isSent, isOfConnection, whenAway, whenLost } = request;
      if (isOfConnection === true || (isSent ? whenLost : whenAway) === "reject") {
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
    else settleWith(request, reply.value);
  }

  /** Nothing will be sent or answered any more. */
  close(error: SyncError): void {
    this.#closedBy = error;
    this.#stop();
    for (const requestId of this.#requests.keys()) this.settle(requestId, error);
  }

  #refusal({ whenAway, isOfConnection, lane }: Carriage): SyncError | undefined {
    if (this.#closedBy !== undefined) return this.#closedBy;
    const isAway = this.#send === undefined;
    if (isAway && (isOfConnection === true || whenAway === "reject")) {
      return new SyncError("disconnected", "there is no connection at the moment");
    }
    const { waitMs } = this.#pace;
    const isHeld = isAway || this.#isPaused(lane);
    if ((!isHeld && waitMs === 0) || isOfConnection === true) return undefined;
    const waiting = this.#waiting();
    if (waiting.length < MAX_OUTBOX_MESSAGES) return undefined;
    // Who comes back after a while has more use for what was asked last.
    const oldest = isHeld ? waiting.find((each) => isAway || each.lane === lane) : undefined;
    if (oldest !== undefined) {
      const text = `${MAX_OUTBOX_MESSAGES} later requests wait for the connection`;
      this.settle(oldest.requestId, new SyncError("disconnected", text));
      return undefined;
    }
    const text = `${MAX_OUTBOX_MESSAGES} requests already wait`;
    return new SyncError("rate-limited", text, { retryAfterMs: waitMs });
  }

  /** Those that somebody waits for and that have not left, the oldest first. */
  #waiting(): (Request & { requestId: number })[] {
    return [...this.#requests]
      .filter(([, { isSent, isOfConnection }]) => !isSent && isOfConnection !== true)
      .map(([requestId, request]) => ({ ...request, requestId }));
  }

  #sendWaiting(): void {
    for (const [requestId, request] of this.#requests) this.#trySend(requestId, request);
  }

  #trySend(requestId: number, request: Request): void {
    if (this.#send === undefined || request.isSent || this.#isPaused(request.lane)) return;
    if (this.#mustPace() || !this.#send(request.frame)) return;
    this.#pace.sent();
    request.isSent = true;
    this.#limit(requestId, request);
  }

  /** Nothing overtakes what waits for its second. */
  #mustPace(): boolean {
    if (this.#cancelPace !== undefined) return true;
    const { waitMs } = this.#pace;
    if (waitMs === 0) return false;
    this.#cancelPace = this.#clock.schedule(waitMs, () => {
      this.#cancelPace = undefined;
      this.#sendWaiting();
    });
    return true;
  }

  #stop(): void {
    this.#send = undefined;
    this.#cancelPace?.();
    this.#cancelPace = undefined;
  }

  #isPaused(lane: string | undefined): boolean {
    return lane !== undefined && this.#pausedLanes.has(lane);
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

function settleWith({ read, resolve, reject }: Request, reply: unknown): void {
  try {
    resolve(read === undefined ? reply : read(reply));
  } catch (error) {
    reject(error);
  }
}

function expiry(timeoutMs: number | undefined, isSent: boolean): SyncError {
  if (isSent || timeoutMs !== undefined) {
    const waitedMs = timeoutMs ?? REQUEST_TIMEOUT_MS;
    return new SyncError("timed-out", `no reply within ${waitedMs} ms`);
  }
  return new SyncError("disconnected", `it could not be sent within ${MAX_OUTBOX_AGE_MS} ms`);
}

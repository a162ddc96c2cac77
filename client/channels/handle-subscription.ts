import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { Emitter, type ErrorListener } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type { RealtimePayload } from "../../shared/events/publication.ts";
import { SUBSCRIBE_TIMEOUT_MS } from "../../shared/limits.ts";
import type { DisconnectReason } from "../connection/connection-status.ts";
import type { ChannelListeners } from "./channel-listeners.ts";
import type { TopicSubscriber } from "./topic-subscriber.ts";

/**
 * How a subscription stands. `SUBSCRIBED`: messages and presence flow; again after every
 * reconnect. `TIMED_OUT`: not yet so after 10 s; it goes on trying. `CHANNEL_ERROR`: refused
 * or taken away. `CLOSED`: over, because somebody here wanted it.
 */
export type ChannelStatus = "SUBSCRIBED" | "TIMED_OUT" | "CHANNEL_ERROR" | "CLOSED";

/** Hears each status as it comes; `error` says why, of `TIMED_OUT` and `CHANNEL_ERROR`. */
export type ChannelStatusListener = (status: ChannelStatus, error?: SyncError) => void;

export interface HandleSubscriptionParts {
  readonly topic: string;
  readonly clock: Clock;
  readonly listeners: ChannelListeners;
  readonly hearsItself: boolean;
  /** Why there is no connection, if that is known. */
  readonly findTrouble: () => SyncError | undefined;
  /** Everything flowed and no longer does. */
  readonly onLoss: (reason: DisconnectReason) => void;
  /** A listener threw. */
  readonly onError: ErrorListener;
  /** Something went wrong on the way that nobody waits for. */
  readonly onTrouble: (error: SyncError) => void;
}

/** One handle's subscription, from its `subscribe()` to its end. */
export class HandleSubscription implements TopicSubscriber {
  readonly #parts: HandleSubscriptionParts;
  readonly #statuses: Emitter<[status: ChannelStatus, error?: SyncError]>;
  readonly #cancelTimer: CancelTimer;
  #ready = newReady();
  #status: ChannelStatus | undefined;
  #isLive = false;
  #isOver = false;

  constructor(parts: HandleSubscriptionParts) {
    this.#parts = parts;
    this.#statuses = new Emitter(parts.onError);
    this.#cancelTimer = parts.clock.schedule(SUBSCRIBE_TIMEOUT_MS, () => this.#timeOut());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether everything flows. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Resolves when everything flows; rejects with why it does not. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Tells the listener how it stands from now on; if it stands already, in a microtask. */
  watch(listener: ChannelStatusListener): void {
    if (this.#status !== "SUBSCRIBED") {
      this.#statuses.on(listener);
      return;
    }
    queueMicrotask(() => {
      const told = new Emitter<[status: ChannelStatus]>(this.#parts.onError);
      told.on(listener);
      if (!this.#isOver) told.emit("SUBSCRIBED");
      this.#statuses.on(listener);
    });
  }

  handleLive(): void {
    this.#cancelTimer();
    if (this.#status === "TIMED_OUT") this.#ready = newReady();
    this.#ready.resolve();
    this.#isLive = true;
    this.#tell("SUBSCRIBED");
  }

  handleLoss(reason: DisconnectReason): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    this.#parts.onLoss(reason);
  }

  handlePublication(payload: RealtimePayload): void {
    if (this.#isOver || (payload.self && !this.#parts.hearsItself)) return;
    this.#parts.listeners.emitPublication(payload);
  }

  handleNotice(payload: RealtimePayload): void {
    if (!this.#isOver) this.#parts.listeners.emitNotice(payload);
  }

  handleRefusal(error: SyncError): void {
    this.#end("CHANNEL_ERROR", error);
  }

  handleClose(): void {
    this.#end("CLOSED");
  }

  handleError(error: SyncError): void {
    if (!this.#isOver) this.#parts.onTrouble(error);
  }

  #timeOut(): void {
    const { topic, findTrouble } = this.#parts;
    const cause = findTrouble();
    const why = cause === undefined ? "" : `: ${cause.message}`;
    const text = `"${topic}" is not subscribed after ${SUBSCRIBE_TIMEOUT_MS} ms${why}`;
    const error = new SyncError("timed-out", text, { cause });
    this.#ready.reject(error);
    this.#tell("TIMED_OUT", error);
  }

  #end(status: ChannelStatus, error?: SyncError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer();
    if (this.#status !== undefined) this.#ready = newReady();
    this.#ready.reject(error ?? new SyncError("closed", `"${this.#parts.topic}" was left`));
    this.handleLoss(status === "CLOSED" ? "client" : "kicked");
    this.#tell(status, error);
    this.#statuses.clear();
  }

  #tell(status: ChannelStatus, error?: SyncError): void {
    this.#status = status;
    if (error === undefined) this.#statuses.emit(status);
    else this.#statuses.emit(status, error);
  }
}

/** Nobody has to wait for it. */
function newReady(): PromiseWithResolvers<void> {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  return ready;
}

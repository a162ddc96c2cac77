import { Emitter, type ErrorListener, type Unsubscribe } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type { RealtimePayload, Recovery } from "../../shared/events/publication.ts";
import { openEvent, sealClientEvent } from "../../shared/patterns/event-envelope.ts";
import type {
  EventDraft,
  EventOfType,
  RealtimeEvent,
} from "../../shared/patterns/realtime-event.ts";
import type { Channel } from "../channels/channel.ts";
import type { ChannelStatus } from "../channels/handle-subscription.ts";
import { strongRandom } from "../connection/intent-ids.ts";
import type { ReconnectOptions } from "../connection/reconnect-policy.ts";
import type { RealtimeClient } from "../realtime-client.ts";
import type { ServerType } from "../../shared/room-types.ts";
import {
  type EventFilters,
  type EventSelector,
  matchesSelector,
  passesFilters,
} from "./event-selector.ts";

/** How a channel stands: `error` is refused for good, `connecting` also while it comes back. */
export type ChannelState = "connecting" | "connected" | "disconnecting" | "disconnected" | "error";

/** How one channel differs from the others of its provider. */
export interface ChannelOptions {
  /** Which events it hears. */
  readonly filters?: EventFilters;
  /** Says who we are; a channel with a token of its own has a connection of its own. */
  readonly authToken?: string;
  /** How it comes back after a loss; that takes a connection of its own, too. */
  readonly reconnect?: ReconnectOptions;
}

export interface RealtimeChannelParts {
  readonly topic: string;
  readonly realtime: RealtimeClient<ServerType>;
  /** Whether nobody else uses that connection. */
  readonly isOwn: boolean;
  readonly filters?: EventFilters | undefined;
  /** Absent: errors of handlers are uncaught ones, and no other is told. */
  readonly onError: ErrorListener | undefined;
}

type TypeIn<Selector> = Selector extends string
  ? Selector
  : Selector extends { readonly type: infer Type extends string }
    ? Type
    : string;

/** What a selector lets through, as far as its type says. */
type Selected<Event extends RealtimeEvent, Selector> = EventOfType<Event, TypeIn<Selector>>;

/**
 * One topic, with handlers of its own. It lives through every reconnect: handlers stay, and
 * what was missed meanwhile is heard in order, or a `connection.resync` event tells that some
 * of it is gone.
 */
export class RealtimeChannel<
  Incoming extends RealtimeEvent = RealtimeEvent,
  Outgoing extends RealtimeEvent = RealtimeEvent,
> {
  readonly id = `channel-${Math.floor(strongRandom() * 2 ** 32).toString(36)}`;
  readonly topic: string;
  readonly #parts: RealtimeChannelParts;
  readonly #handle: Channel;
  readonly #handlers: Emitter<[event: Incoming]>;
  /** Undefined: nobody connected it yet, or somebody closed it. */
  #status: ChannelStatus | "asked" | undefined;
  #isClosed = false;
  #leaving: Promise<void> | undefined;
  /** For those who wait for the end of a loss. */
  #return = newReturn();
  #stopErrors: Unsubscribe = () => undefined;

  /** Throws `topic-invalid` for what is no topic. */
  constructor(parts: RealtimeChannelParts) {
    this.topic = parts.topic;
    this.#parts = parts;
    this.#handle = parts.realtime.channel(parts.topic, { whenOffline: "reject" });
    this.#handlers = new Emitter(parts.onError);
  }

  /** The same as `id`. */
  getId(): string {
    return this.id;
  }

  getState(): ChannelState {
    if (this.#leaving !== undefined) return "disconnecting";
    if (this.#status === "CHANNEL_ERROR") return "error";
    if (this.#status === undefined || this.#status === "CLOSED") return "disconnected";
    return this.#handle.isSubscribed ? "connected" : "connecting";
  }

  /**
   * Resolves when events flow. Rejects with a `SyncError`: what the server refuses, or
   * `timed-out` after 10 s, though it goes on trying. After `close` it begins anew.
   */
  async connect(): Promise<void> {
    const isAsked = this.#status === "asked" || this.#status === "SUBSCRIBED";
    if (!isAsked) this.#begin();
    const isLost = this.#status === "SUBSCRIBED" && !this.#handle.isSubscribed;
    await (isLost ? this.#return.promise : this.#handle.ready);
  }

  /**
   * Calls `handler` for each event that the selector matches, until the returned function is
   * called. Also while it is closed: handlers are there when it is connected again.
   */
  on<const Selector extends EventSelector<Incoming["type"]>>(
    selector: Selector,
    handler: (event: Selected<Incoming, Selector>) => void,
  ): Unsubscribe {
    return this.#handlers.on((event) => {
      if (matchesSelector(selector, event)) handler(event as Selected<Incoming, Selector>);
    });
  }

  /**
   * Resolves when the event has its place in the topic, and needs no `connect` before. While
   * the connection is lost it rejects with `disconnected`, and after `close` with `closed`.
   */
  async publish(event: EventDraft<Outgoing>): Promise<void> {
    if (this.#isClosed) throw new SyncError("closed", `the channel of "${this.topic}" is closed`);
    const sealed = sealClientEvent(event);
    const { id, type } = event;
    await this.#handle.publish(type, sealed, id === undefined ? {} : { id });
  }

  /** The older name of `publish`. */
  emit(event: EventDraft<Outgoing>): Promise<void> {
    return this.publish(event);
  }

  /**
   * At once no handler runs any more; resolves when the server knows. Final until somebody
   * calls `connect`, also in the middle of a reconnect.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#status === undefined) return;
    this.#status = undefined;
    this.#handle.unsubscribe();
    const leaving = this.#handle.left;
    this.#leaving = leaving;
    await leaving;
    if (this.#leaving === leaving) this.#leaving = undefined;
    if (this.#isClosed && this.#parts.isOwn) this.#parts.realtime.disconnect();
  }

  #begin(): void {
    const { realtime, isOwn, onError } = this.#parts;
    // A subscription that is over or has timed out makes room for one that waits anew.
    if (this.#status !== undefined) this.#handle.unsubscribe();
    this.#isClosed = false;
    this.#leaving = undefined;
    this.#status = "asked";
    if (isOwn) realtime.connect().catch(() => undefined);
    this.#stopErrors();
    if (onError !== undefined) this.#stopErrors = this.#handle.onError(onError);
    this.#handle
      .on("*", (payload) => this.#hear(payload))
      .on("resync", ({ data, timestamp }) => this.#tellGap(data, timestamp))
      .subscribe((status, error) => this.#handleStatus(status, error));
  }

  #handleStatus(status: ChannelStatus, error?: SyncError): void {
    this.#status = status;
    if (status === "TIMED_OUT") return;
    if (status === "SUBSCRIBED") this.#return.resolve();
    else this.#return.reject(error ?? new SyncError("closed", `"${this.topic}" was closed`));
    this.#return = newReturn();
  }

  #hear(payload: RealtimePayload): void {
    // Presence and revisions have no id: they are no publications.
    const event = payload.id === undefined ? undefined : openEvent(payload);
    if (event !== undefined) this.#tell(event);
  }

  #tellGap(data: Recovery, now: number): void {
    const timestamp = new Date(now);
    const id = `${this.id}@${now}`;
    const type = "connection.resync";
    this.#tell(Object.freeze({ id, type, source: "server", timestamp, data }));
  }

  #tell(event: RealtimeEvent): void {
    if (passesFilters(this.#parts.filters ?? {}, event)) this.#handlers.emit(event as Incoming);
  }
}

/** Nobody has to wait for it. */
function newReturn(): PromiseWithResolvers<void> {
  const back = Promise.withResolvers<void>();
  back.promise.catch(() => undefined);
  return back;
}

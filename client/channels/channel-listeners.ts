import { Emitter, type ListenerErrorHandler, type Unsubscribe } from "../../shared/emitter.ts";
import { isPublishableEvent } from "../../shared/events/event-names.ts";
import type { RealtimePayload } from "../../shared/events/publication.ts";

export type ChannelListener = (payload: RealtimePayload) => void;

/** Hears everything that happens on a channel. */
const EVERY_EVENT = "*";

/** About the client's own place in the channel: no event of the channel itself. */
const OWN_NOTICES: ReadonlySet<string> = new Set(["presence:sync", "recovery", "resync"]);

/** One handle's listeners by event, each of them at most once. */
export class ChannelListeners {
  readonly #onError: ListenerErrorHandler;
  readonly #events = new Map<string, Emitter<[payload: RealtimePayload]>>();
  readonly #added = new Map<string, Map<ChannelListener, Unsubscribe>>();

  constructor(onError: ListenerErrorHandler) {
    this.#onError = onError;
  }

  add(event: string, listener: ChannelListener): void {
    const added = this.#added.get(event) ?? new Map<ChannelListener, Unsubscribe>();
    if (added.has(listener)) return;
    const emitter = this.#events.get(event) ?? new Emitter(this.#onError);
    this.#events.set(event, emitter);
    this.#added.set(event, added.set(listener, emitter.on(listener)));
  }

  remove(event: string, listener: ChannelListener): void {
    const added = this.#added.get(event);
    added?.get(listener)?.();
    added?.delete(listener);
  }

  clear(): void {
    for (const emitter of this.#events.values()) emitter.clear();
    this.#added.clear();
  }

  /** What somebody published, also under a name that nobody may publish. */
  emitPublication(payload: RealtimePayload): void {
    if (isPublishableEvent(payload.event)) this.#events.get(payload.event)?.emit(payload);
    this.#events.get(EVERY_EVENT)?.emit(payload);
  }

  emitNotice(payload: RealtimePayload): void {
    this.#events.get(payload.event)?.emit(payload);
    if (!OWN_NOTICES.has(payload.event)) this.#events.get(EVERY_EVENT)?.emit(payload);
  }
}

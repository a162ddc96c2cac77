import type { ErrorListener } from "../../shared/emitter.ts";
import { isPublishableEvent } from "../../shared/events/event-names.ts";
import type { RealtimePayload } from "../../shared/events/publication.ts";
import { NamedListeners } from "../named-listeners.ts";

export type ChannelListener = (payload: RealtimePayload) => void;

/** Hears everything that happens on a channel. */
const EVERY_EVENT = "*";

/** About the client's own place in the channel: no event of the channel itself. */
export const OWN_NOTICES: ReadonlySet<string> = new Set(["presence:sync", "recovery", "resync"]);

/** One handle's listeners by event, each of them at most once. */
export class ChannelListeners {
  readonly #events: NamedListeners<[payload: RealtimePayload]>;

  constructor(onError: ErrorListener) {
    this.#events = new NamedListeners(onError);
  }

  add(event: string, listener: ChannelListener): void {
    this.#events.add(event, listener, listener);
  }

  remove(event: string, listener: ChannelListener): void {
    this.#events.remove(event, listener);
  }

  clear(): void {
    this.#events.clear();
  }

  /** What somebody published, also under a name that nobody may publish. */
  emitPublication(payload: RealtimePayload): void {
    if (isPublishableEvent(payload.event)) this.#events.emit(payload.event, payload);
    this.#events.emit(EVERY_EVENT, payload);
  }

  emitNotice(payload: RealtimePayload): void {
    this.#events.emit(payload.event, payload);
    if (!OWN_NOTICES.has(payload.event)) this.#events.emit(EVERY_EVENT, payload);
  }
}

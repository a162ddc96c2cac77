import type { ErrorListener, Unsubscribe } from "../../shared/emitter.ts";
import type { EventOfType, RealtimeEvent } from "../../shared/patterns/realtime-event.ts";
import { NamedListeners } from "../named-listeners.ts";

/** Who is told of events. */
export interface EventObserver<Event extends RealtimeEvent = RealtimeEvent> {
  update(event: Event): void;
}

/** Hears events of every type. */
const EVERY_TYPE = "*";

/**
 * Tells observers of the events of one type each, in the order in which they came.
 *
 * - The same observer twice on one type is one.
 * - One that throws stops no other; its error goes to the handler.
 * - Observers may come and go while an event is told: one that went hears no more of it, one
 *   that came hears the next.
 */
export class EventEmitter<Event extends RealtimeEvent = RealtimeEvent> {
  readonly #types: NamedListeners<[event: Event]>;

  constructor(onError?: ErrorListener) {
    this.#types = new NamedListeners(onError);
  }

  /** `"*"` hears every type. Returns what ends it, as `unsubscribe` does. */
  subscribe<Type extends Event["type"] | "*">(
    type: Type,
    observer: EventObserver<EventOfType<Event, Type>>,
  ): Unsubscribe {
    const tell = (event: Event): void => observer.update(event as EventOfType<Event, Type>);
    this.#types.add(type, observer, tell);
    return () => this.unsubscribe(type, observer);
  }

  unsubscribe(type: string, observer: EventObserver<never>): void {
    this.#types.remove(type, observer);
  }

  emit(event: Event): void {
    this.#types.emit(event.type, event);
    this.#types.emit(EVERY_TYPE, event);
  }

  hasObservers(type: string): boolean {
    return this.#types.has(type);
  }
}

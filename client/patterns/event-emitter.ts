import { Emitter, type ListenerErrorHandler, type Unsubscribe } from "../../shared/emitter.ts";
import type { EventOfType, RealtimeEvent } from "../../shared/patterns/realtime-event.ts";

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
  readonly #onError: ListenerErrorHandler | undefined;
  readonly #types = new Map<string, Emitter<[event: Event]>>();
  readonly #added = new Map<string, Map<object, Unsubscribe>>();

  constructor(onError?: ListenerErrorHandler) {
    this.#onError = onError;
  }

  /** `"*"` hears every type. Returns what ends it, as `unsubscribe` does. */
  subscribe<Type extends Event["type"] | "*">(
    type: Type,
    observer: EventObserver<EventOfType<Event, Type>>,
  ): Unsubscribe {
    const emitter = this.#types.get(type) ?? new Emitter<[event: Event]>(this.#onError);
    const added = this.#added.get(type) ?? new Map<object, Unsubscribe>();
    this.#types.set(type, emitter);
    this.#added.set(type, added);
    if (!added.has(observer)) {
      const tell = (event: Event): void => observer.update(event as EventOfType<Event, Type>);
      added.set(observer, emitter.on(tell));
    }
    return () => this.unsubscribe(type, observer);
  }

  unsubscribe(type: string, observer: EventObserver<never>): void {
    const added = this.#added.get(type);
    added?.get(observer)?.();
    added?.delete(observer);
  }

  emit(event: Event): void {
    this.#types.get(event.type)?.emit(event);
    this.#types.get(EVERY_TYPE)?.emit(event);
  }

  hasObservers(type: string): boolean {
    return (this.#types.get(type)?.size ?? 0) > 0;
  }
}

import type { Publication, StreamPosition } from "../../shared/events/publication.ts";
import type { SubscribeAnswer } from "../../shared/protocol/channel-messages.ts";

/** What a publication is to somebody who stands at a position. */
export type Arrival = "next" | "seen" | "gap";

/** How far a client has come in the order of one topic: nothing twice, nothing skipped. */
export class TopicStream {
  #position: StreamPosition | undefined;

  /** Of the last publication taken; undefined before the first answer. */
  get position(): StreamPosition | undefined {
    return this.#position;
  }

  /** Begins at a position that is known from elsewhere. */
  start(position: StreamPosition): void {
    this.#position = position;
  }

  forget(): void {
    this.#position = undefined;
  }

  /** Goes on by one where that is the next; anything else leaves the position as it is. */
  take({ offset }: Publication): Arrival {
    if (offset === undefined || this.#position === undefined) return "next";
    const { epoch, offset: last } = this.#position;
    if (offset <= last) return "seen";
    if (offset > last + 1) return "gap";
    this.#position = { epoch, offset };
    return "next";
  }

  /** What of an answer was not seen before, in order; the position is the answer's then. */
  catchUp({ position, publications, recovered }: SubscribeAnswer): readonly Publication[] {
    const last = this.#position;
    // Where the history is another one, or was cut, offsets of before say nothing.
    const goesOn = last !== undefined && last.epoch === position.epoch && recovered !== false;
    if (!goesOn) {
      this.#position = position;
      return publications;
    }
    if (position.offset > last.offset) this.#position = position;
    return publications.filter(({ offset }) => offset === undefined || offset > last.offset);
  }
}

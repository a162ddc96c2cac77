import { SyncError } from "../../shared/errors.ts";
import type { StreamPosition } from "../../shared/events/publication.ts";
import type { Sequenced, TopicAnswer } from "./read-news.ts";

/** What something with an offset is to somebody who stands at a position. */
export type Arrival = "next" | "seen" | "gap";

/** How far a client has come in the order of one topic: nothing twice, nothing skipped. */
export class TopicStream {
  #position: StreamPosition | undefined;
  /** Of an answer that comes in parts: those that are there. */
  #parts: Sequenced[] = [];

  /** Of the last that was taken; undefined before the first answer. */
  get position(): StreamPosition | undefined {
    return this.#position;
  }

  /** Begins at a position that is known from elsewhere. */
  start(position: StreamPosition): void {
    this.#position = position;
  }

  forget(): void {
    this.#position = undefined;
    this.#parts = [];
  }

  /** Goes on by one where that is the next; anything else leaves the position as it is. */
  take({ offset }: { readonly offset?: number }): Arrival {
    if (offset === undefined || this.#position === undefined) return "next";
    const { epoch, offset: last } = this.#position;
    if (offset <= last) return "seen";
    if (offset > last + 1) return "gap";
    this.#position = { epoch, offset };
    return "next";
  }

  /**
   * What of an answer was not seen before, in order; the position is the answer's then. Of one
   * that comes in parts it is all of them, with the last. Throws `frame-malformed` for a part
   * that leads nowhere.
   */
  catchUp(answer: TopicAnswer): readonly Sequenced[] {
    const before = this.#position;
    const missed = this.#advance(answer);
    if (answer.hasMore !== true) {
      const parts = answer.recovered === true ? this.#parts : [];
      this.#parts = [];
      return parts.concat(missed);
    }
    const isProgress = before !== undefined && answer.position.offset > before.offset;
    if (!isProgress) throw new SyncError("frame-malformed", "there is more, and nothing was said");
    this.#parts.push(...missed);
    return [];
  }

  #advance({ position, publications, revisions, recovered }: TopicAnswer): readonly Sequenced[] {
    const missed: Sequenced[] = [
      ...publications.map((publication) => ({ kind: "publication", publication }) as const),
      ...revisions.map((revision) => ({ kind: "revision", revision }) as const),
    ];
    // Each list is in order by itself.
    if (revisions.length > 0) missed.sort((one, other) => offsetOf(one) - offsetOf(other));
    const last = this.#position;
    // Where the history is another one, or was cut, offsets of before say nothing.
    const goesOn = last !== undefined && last.epoch === position.epoch && recovered !== false;
    if (!goesOn) {
      this.#position = position;
      return missed;
    }
    if (position.offset > last.offset) this.#position = position;
    return missed.filter((each) => offsetOf(each) > last.offset);
  }
}

function offsetOf(told: Sequenced): number {
  const { offset } = told.kind === "publication" ? told.publication : told.revision;
  // Nothing volatile is ever replayed.
  return offset ?? Infinity;
}

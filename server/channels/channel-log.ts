import { randomUUID } from "node:crypto";
import type { Clock } from "../../shared/clock.ts";
import type {
  Publication,
  PublishReceipt,
  StreamPosition,
} from "../../shared/events/publication.ts";
import {
  MAX_WINDOW_AGE_MS,
  MAX_WINDOW_BYTES,
  MAX_WINDOW_PUBLICATIONS,
} from "../../shared/limits.ts";

/** What a topic remembers for those who were away: whichever limit is reached first. */
export interface WindowLimits {
  readonly publications: number;
  readonly ageMs: number;
  readonly bytes: number;
}

export const defaultWindow: WindowLimits = {
  publications: MAX_WINDOW_PUBLICATIONS,
  ageMs: MAX_WINDOW_AGE_MS,
  bytes: MAX_WINDOW_BYTES,
};

/** A publication with the place it was given. */
export type SequencedPublication = Publication & { readonly offset: number };

/** What came after a position, if all of it is still there. */
export interface Missed {
  readonly recovered: boolean;
  readonly publications: readonly Publication[];
}

interface Entry {
  readonly publication: SequencedPublication;
  readonly bytes: number;
}

/**
 * The order of one topic: gives each publication the next offset, and keeps the latest for
 * subscribers that were away and publishers that ask again.
 */
export class ChannelLog {
  readonly #clock: Clock;
  readonly #limits: WindowLimits;
  readonly #epoch: string;
  #offset: number;
  #entries: Entry[] = [];
  #bytes = 0;
  readonly #receipts = new Map<string, PublishReceipt>();

  /** Goes on after `position`; without one it begins an epoch of its own. */
  constructor(clock: Clock, limits = defaultWindow, position?: StreamPosition) {
    this.#clock = clock;
    this.#limits = limits;
    this.#epoch = position?.epoch ?? randomUUID();
    this.#offset = position?.offset ?? 0;
  }

  get position(): StreamPosition {
    return { epoch: this.#epoch, offset: this.#offset };
  }

  /** What the same publisher was told when it sent the same id before. */
  receiptOf(publication: Pick<Publication, "id" | "userId">): PublishReceipt | undefined {
    this.#forgetOld();
    return this.#receipts.get(keyOf(publication));
  }

  /** `bytes`: size of the payload's JSON text. */
  append(publication: Publication, bytes: number): SequencedPublication {
    this.#offset += 1;
    const sequenced = { ...publication, offset: this.#offset };
    this.#keep(sequenced, bytes);
    return sequenced;
  }

  /** Takes back what was published before this process began, oldest first. */
  restore(publication: SequencedPublication, bytes: number): void {
    this.#keep(publication, bytes);
  }

  /** Everything after `position`, oldest first; nothing of it when some of it is gone. */
  since(position: StreamPosition): Missed {
    this.#forgetOld();
    const gone = { recovered: false, publications: [] };
    if (position.epoch !== this.#epoch || position.offset > this.#offset) return gone;
    const missed = this.#offset - position.offset;
    if (missed > this.#entries.length) return gone;
    const entries = missed === 0 ? [] : this.#entries.slice(-missed);
    return { recovered: true, publications: entries.map(({ publication }) => publication) };
  }

  #keep(publication: SequencedPublication, bytes: number): void {
    const { id, offset, timestamp } = publication;
    this.#entries.push({ publication, bytes });
    this.#bytes += bytes;
    this.#receipts.set(keyOf(publication), { id, offset, timestamp });
    this.#forgetOld();
  }

  #forgetOld(): void {
    const horizon = this.#clock.now() - this.#limits.ageMs;
    let gone = 0;
    for (const { publication, bytes } of this.#entries) {
      const isOver =
        this.#entries.length - gone > this.#limits.publications ||
        this.#bytes > this.#limits.bytes ||
        publication.timestamp < horizon;
      if (!isOver) break;
      gone += 1;
      this.#bytes -= bytes;
      this.#receipts.delete(keyOf(publication));
    }
    if (gone > 0) this.#entries = this.#entries.slice(gone);
  }
}

function keyOf({ id, userId }: Pick<Publication, "id" | "userId">): string {
  return `${userId ?? ""}\n${id}`;
}

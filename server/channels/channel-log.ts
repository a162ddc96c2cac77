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
  /** As it was revised last. */
  publication: SequencedPublication;
  readonly bytes: number;
  isDeleted: boolean;
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
  /** By offset, without a gap, up to the latest. */
  readonly #entries = new Map<number, Entry>();
  #bytes = 0;
  /** Entries by the publication's id. */
  readonly #byId = new Map<string, Entry>();

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

  /** Now; where the machine's time was set back a little, the time of the latest publication. */
  nextTimestamp(): number {
    const now = this.#clock.now();
    const latest = this.#entries.get(this.#offset)?.publication.timestamp ?? now;
    // Set back further than the window, it was wrong before: better a history that is out of
    // order in one place than wrong times from now on.
    return latest > now && latest - now <= this.#limits.ageMs ? latest : now;
  }

  /** What was told about the publication with this id when it got its place. */
  receiptOf(id: string): PublishReceipt | undefined {
    this.#forgetOld();
    const entry = this.#byId.get(id);
    if (entry === undefined) return undefined;
    const { offset, timestamp } = entry.publication;
    return { id, offset, timestamp };
  }

  /** `bytes`: size of the payload's JSON text. */
  append(publication: Publication, bytes: number): SequencedPublication {
    this.#offset += 1;
    const sequenced = { ...publication, offset: this.#offset };
    this.#keep({ publication: sequenced, bytes, isDeleted: false });
    return sequenced;
  }

  /** Takes back what was published before this process began, oldest first. */
  restore(publication: SequencedPublication, bytes: number, isDeleted = false): void {
    this.#keep({ publication, bytes, isDeleted });
  }

  /** From now on a replay tells `revised.data`, or without it nothing of this publication. */
  revise(id: string, revised?: { readonly data: unknown }): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    entry.isDeleted = revised === undefined;
    entry.publication = { ...entry.publication, data: revised?.data ?? null };
  }

  /** Everything after `position`, oldest first; nothing of it when some of it is gone. */
  since(position: StreamPosition): Missed {
    this.#forgetOld();
    const gone = { recovered: false, publications: [] };
    if (position.epoch !== this.#epoch || position.offset > this.#offset) return gone;
    if (this.#offset - position.offset > this.#entries.size) return gone;
    const publications: Publication[] = [];
    for (let offset = position.offset + 1; offset <= this.#offset; offset += 1) {
      const { publication, isDeleted } = this.#entries.get(offset)!;
      if (!isDeleted) publications.push(publication);
    }
    return { recovered: true, publications };
  }

  #keep(entry: Entry): void {
    this.#entries.set(entry.publication.offset, entry);
    this.#bytes += entry.bytes;
    this.#byId.set(entry.publication.id, entry);
    this.#forgetOld();
  }

  #forgetOld(): void {
    const horizon = this.#clock.now() - this.#limits.ageMs;
    for (const [offset, { publication, bytes }] of this.#entries) {
      const isOver =
        this.#entries.size > this.#limits.publications ||
        this.#bytes > this.#limits.bytes ||
        publication.timestamp < horizon;
      if (!isOver) return;
      this.#entries.delete(offset);
      this.#bytes -= bytes;
      this.#byId.delete(publication.id);
    }
  }
}

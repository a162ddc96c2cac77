import { randomUUID } from "node:crypto";
import type { Clock } from "../../shared/clock.ts";
import type { PublishReceipt, StreamPosition } from "../../shared/events/publication.ts";
import type {
  WireMessage,
  WirePublication,
  WireRevision,
} from "../../shared/protocol/channel-messages.ts";
import { defaultLimits, type WindowLimits } from "../limits/server-limits.ts";
import type { WindowMemory } from "./window-memory.ts";

/** What a topic remembers where nobody says otherwise. */
export const defaultWindow = defaultLimits.window;

/** A publication with the place it was given. */
export type SequencedPublication = WirePublication & { readonly offset: number };

/** What came after a position, if all of it is still there. */
export interface Missed {
  readonly recovered: boolean;
  readonly publications: readonly WirePublication[];
  readonly revisions: readonly WireRevision[];
  /** How far this goes, and whether there is more after that. */
  readonly position: StreamPosition;
  readonly hasMore: boolean;
  /** About how large it is on the wire; never less. */
  readonly bytes: number;
}

/** One place in the order, and what a replay tells of it now; nothing, if it was overtaken. */
interface Entry {
  readonly offset: number;
  readonly timestamp: number;
  readonly bytes: number;
  /** Of the publication or of the message. */
  readonly id: string;
  publication?: SequencedPublication | undefined;
  revision?: WireRevision | undefined;
}

/** Names and numbers around a payload, beside the texts that differ. */
const ENVELOPE_BYTES = 160;

/**
 * The order of one topic: gives each publication, and each revision of a stored message, the
 * next offset, and keeps the latest for subscribers that were away and publishers that ask
 * again. What was deleted or replaced keeps its place, but is told to nobody any more.
 */
export class ChannelLog {
  readonly #clock: Clock;
  readonly #limits: WindowLimits;
  readonly #memory: WindowMemory | undefined;
  readonly #epoch: string;
  #offset: number;
  /** By offset, without a gap, up to the latest. */
  readonly #entries = new Map<number, Entry>();
  #bytes = 0;
  /** The publication of each id, and the latest revision of each message. */
  readonly #published = new Map<string, Entry>();
  readonly #revised = new Map<string, Entry>();

  /**
   * Goes on after `position`; without one it begins an epoch of its own. `memory` is shared
   * with other logs.
   */
  constructor(
    clock: Clock,
    limits = defaultWindow,
    position?: StreamPosition,
    memory?: WindowMemory,
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#memory = memory;
    this.#epoch = position?.epoch ?? randomUUID();
    this.#offset = position?.offset ?? 0;
  }

  get position(): StreamPosition {
    return { epoch: this.#epoch, offset: this.#offset };
  }

  /** Now; where the machine's time was set back a little, the time of the latest publication. */
  nextTimestamp(): number {
    const now = this.#clock.now();
    const latest = this.#entries.get(this.#offset)?.timestamp ?? now;
    // Set back further than the window, it was wrong before: better a history that is out of
    // order in one place than wrong times from now on.
    return latest > now && latest - now <= this.#limits.ageMs ? latest : now;
  }

  /** What was told about the publication with this id when it got its place. */
  receiptOf(id: string): PublishReceipt | undefined {
    this.#forgetOld();
    const entry = this.#published.get(id);
    return entry && { id, offset: entry.offset, timestamp: entry.timestamp };
  }

  /** `bytes`: size of the payload's JSON text. */
  append(publication: WirePublication, bytes: number): SequencedPublication {
    this.#offset += 1;
    const sequenced = { ...publication, offset: this.#offset };
    this.restore(sequenced, bytes);
    return sequenced;
  }

  /** Takes back what was published before this process began, oldest first. */
  restore(publication: SequencedPublication, bytes: number, isDeleted = false): void {
    const { id, offset, timestamp } = publication;
    const told = isDeleted ? undefined : publication;
    const entry = { offset, timestamp, bytes, id, publication: told };
    this.#published.set(id, entry);
    this.#keep(entry);
  }

  /**
   * The message is another one from now on. A replay tells its publication as it is now, or
   * not at all if it was deleted, and of all its revisions the last.
   */
  revise(message: WireMessage): WireRevision {
    this.#offset += 1;
    const { id, data, deleted_at: deletedAt } = message;
    const revision = { offset: this.#offset, message };
    const published = this.#published.get(id);
    if (published?.publication !== undefined) {
      const { publication } = published;
      published.publication = deletedAt === undefined ? { ...publication, data } : undefined;
    }
    const overtaken = this.#revised.get(id);
    if (overtaken !== undefined) overtaken.revision = undefined;
    const timestamp = deletedAt ?? message.edited_at ?? this.#clock.now();
    const bytes = Buffer.byteLength(data);
    const entry = { offset: this.#offset, timestamp, bytes, id, revision };
    this.#revised.set(id, entry);
    this.#keep(entry);
    return revision;
  }

  /** Forgets everything; where it stands stays. */
  clear(): void {
    for (const entry of this.#entries.values()) this.#forget(entry);
  }

  /** The publications that a replay would tell, oldest first, with their sizes. */
  recent(): (SequencedPublication & { readonly bytes: number })[] {
    this.#forgetOld();
    return [...this.#entries.values()].flatMap(({ publication, bytes }) =>
      publication === undefined ? [] : { ...publication, bytes },
    );
  }

  /**
   * What came after `position`, oldest first; nothing of it when some of it is gone. Not more
   * than `maxBytes` at once, unless the first of it is larger.
   */
  since(position: StreamPosition, maxBytes = Infinity): Missed {
    this.#forgetOld();
    const publications: WirePublication[] = [];
    const revisions: WireRevision[] = [];
    let { offset } = position;
    let bytes = 0;
    if (!this.#covers(position)) {
      const nothing = { publications, revisions, bytes };
      return { recovered: false, ...nothing, position: this.position, hasMore: false };
    }
    for (; offset < this.#offset; offset += 1) {
      const entry = this.#entries.get(offset + 1)!;
      const size = sizeOf(entry);
      if (bytes > 0 && bytes + size > maxBytes) break;
      bytes += size;
      if (entry.publication !== undefined) publications.push(entry.publication);
      if (entry.revision !== undefined) revisions.push(entry.revision);
    }
    const reached = { epoch: this.#epoch, offset };
    const hasMore = offset < this.#offset;
    return { recovered: true, publications, revisions, position: reached, hasMore, bytes };
  }

  /** Whether everything after the position is still there. */
  #covers({ epoch, offset }: StreamPosition): boolean {
    if (epoch !== this.#epoch || offset > this.#offset) return false;
    return this.#offset - offset <= this.#entries.size;
  }

  #keep(entry: Entry): void {
    this.#entries.set(entry.offset, entry);
    this.#bytes += entry.bytes;
    this.#forgetOld();
    // It may be too large for any window.
    if (!this.#entries.has(entry.offset)) return;
    this.#memory?.add(entry, entry.bytes, () => this.#forget(entry));
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.offset);
    this.#bytes -= entry.bytes;
    this.#memory?.remove(entry);
    // A later one of the same id stays.
    for (const byId of [this.#published, this.#revised]) {
      if (byId.get(entry.id) === entry) byId.delete(entry.id);
    }
  }

  #forgetOld(): void {
    const horizon = this.#clock.now() - this.#limits.ageMs;
    for (const entry of this.#entries.values()) {
      const isOver =
        this.#entries.size > this.#limits.publications ||
        this.#bytes > this.#limits.bytes ||
        entry.timestamp < horizon;
      if (!isOver) return;
      this.#forget(entry);
    }
  }
}

function sizeOf({ publication, revision }: Entry): number {
  const told = publication ?? revision?.message;
  if (told === undefined) return 0;
  let size = ENVELOPE_BYTES;
  for (const value of Object.values(told)) {
    if (typeof value === "string") size += Buffer.byteLength(value);
  }
  return size;
}

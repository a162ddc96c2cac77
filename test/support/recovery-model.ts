/** What a window holds at most, in the model as in the log that it is the model of. */
export const MODEL_WINDOW = { publications: 5, ageMs: 1_000, bytes: 100 };

/** One place in the order: a publication, or what became of one later. */
interface ModelEntry {
  readonly kind: "publication" | "revision";
  readonly offset: number;
  readonly id: string;
  readonly bytes: number;
  readonly at: number;
  /** Deleted, or overtaken by a later revision: it is told to nobody any more. */
  isSilent: boolean;
}

/** An application that listens: what it must have been told so far, and how often of a loss. */
export interface ModelListener {
  isConnected: boolean;
  position: { epoch: number; offset: number } | undefined;
  readonly seen: string[];
  losses: number;
}

/** What became of a resume. */
export type Outcome =
  | "began"
  | "nothing missed"
  | "replayed"
  | "replayed without what was taken back"
  | "replayed with what was revised"
  | "another epoch"
  | "forgotten for its age"
  | "forgotten for its bytes"
  | "forgotten for its number"
  | "forgotten in a restart";

/**
 * What recovery promises, said in the plainest way: everything that ever happened in an epoch
 * is in one list, and the window is computed from it anew each time.
 */
export class RecoveryModel {
  readonly listeners = new Map<string, ModelListener>();
  now = 0;
  epoch = 0;
  #order: ModelEntry[] = [];
  /** Ids of stored messages that can be revised: what was published and not deleted. */
  readonly #stored = new Set<string>();
  /** Of the first publication that the server can know of since its last restart. */
  #knownFrom = 1;

  get offset(): number {
    return this.#order.length;
  }

  #add(kind: ModelEntry["kind"], id: string, bytes: number): number {
    const offset = this.offset + 1;
    this.#order.push({ kind, offset, id, bytes, at: this.now, isSilent: false });
    for (const listener of this.listeners.values()) {
      if (listener.isConnected) this.#see(listener, offset);
    }
    return offset;
  }

  /** The offset of the publication with this id, in the window or now published. */
  publish(id: string, bytes: number): { offset: number; isAgain: boolean } {
    const known = this.#latest("publication", id);
    if (known !== undefined) return { offset: known.offset, isAgain: true };
    this.#stored.add(id);
    return { offset: this.#add("publication", id, bytes), isAgain: false };
  }

  /** Edits a message, or without `bytes` deletes it; false: there is nothing to be revised. */
  revise(id: string, bytes?: number): boolean {
    if (!this.#stored.has(id)) return false;
    if (bytes === undefined) this.#stored.delete(id);
    const publication = this.#latest("publication", id);
    if (publication !== undefined && bytes === undefined) publication.isSilent = true;
    const before = this.#latest("revision", id);
    if (before !== undefined) before.isSilent = true;
    this.#add("revision", id, bytes ?? "null".length);
    return true;
  }

  resume(listener: ModelListener): Outcome {
    const { position } = listener;
    listener.isConnected = true;
    listener.position = { epoch: this.epoch, offset: this.offset };
    if (position === undefined) return "began";
    const loss = this.#lossSince(position);
    if (loss !== undefined) {
      listener.losses += 1;
      return loss;
    }
    const missed = this.#order.slice(position.offset);
    const shown = missed.filter(({ isSilent }) => !isSilent);
    for (const { offset } of shown) this.#see(listener, offset);
    if (missed.length === 0) return "nothing missed";
    if (shown.length < missed.length) return "replayed without what was taken back";
    const isRevised = shown.some(({ kind }) => kind === "revision");
    return isRevised ? "replayed with what was revised" : "replayed";
  }

  /**
   * The server's process ends; the next one knows nothing, or the last `kept` publications as
   * far back as nothing but publications has a place.
   */
  restart(kept: number | undefined): void {
    for (const listener of this.listeners.values()) listener.isConnected = false;
    if (kept === undefined) {
      this.epoch += 1;
      this.#order = [];
      this.#stored.clear();
      this.#knownFrom = 1;
    } else {
      const lastRevision = this.#order.findLast(({ kind }) => kind === "revision")?.offset ?? 0;
      this.#knownFrom = Math.max(this.#knownFrom, this.offset - kept + 1, lastRevision + 1);
    }
  }

  #latest(wanted: ModelEntry["kind"], id: string): ModelEntry | undefined {
    // From the latest on: that is the order of a window.
    return this.#window().find((each) => each.kind === wanted && each.id === id);
  }

  #see(listener: ModelListener, offset: number): void {
    listener.position = { epoch: this.epoch, offset: Math.max(offset, listener.position!.offset) };
    listener.seen.push(`${this.epoch}/${offset}`);
  }

  #lossSince({ epoch, offset }: { epoch: number; offset: number }): Outcome | undefined {
    if (epoch !== this.epoch) return "another epoch";
    const first = this.#order[offset];
    if (first === undefined || this.#window().includes(first)) return undefined;
    if (first.offset < this.#knownFrom) return "forgotten in a restart";
    if (this.#isTooOld(first)) return "forgotten for its age";
    const isOneTooMany = this.offset - offset > MODEL_WINDOW.publications;
    return isOneTooMany ? "forgotten for its number" : "forgotten for its bytes";
  }

  /** The most that fits, from the latest back to the first that does not. */
  #window(): ModelEntry[] {
    const window: ModelEntry[] = [];
    let bytes = 0;
    for (const entry of this.#order.toReversed()) {
      bytes += entry.bytes;
      const isOut =
        window.length === MODEL_WINDOW.publications ||
        bytes > MODEL_WINDOW.bytes ||
        this.#isTooOld(entry) ||
        entry.offset < this.#knownFrom;
      if (isOut) break;
      window.push(entry);
    }
    return window;
  }

  #isTooOld({ at }: ModelEntry): boolean {
    return at < this.now - MODEL_WINDOW.ageMs;
  }
}

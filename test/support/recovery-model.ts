/** What a window holds at most, in the model as in the log that it is the model of. */
export const MODEL_WINDOW = { publications: 5, ageMs: 1_000, bytes: 100 };

interface ModelPublication {
  readonly offset: number;
  readonly id: string;
  readonly bytes: number;
  readonly at: number;
  isDeleted: boolean;
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
  | "replayed without what was deleted"
  | "another epoch"
  | "forgotten for its age"
  | "forgotten for its bytes"
  | "forgotten for its number"
  | "forgotten in a restart";

/**
 * What recovery promises, said in the plainest way: everything that was ever published in an
 * epoch is in one list, and the window is computed from it anew each time.
 */
export class RecoveryModel {
  readonly listeners = new Map<string, ModelListener>();
  now = 0;
  epoch = 0;
  #published: ModelPublication[] = [];
  /** Of the first publication that the server can know of since its last restart. */
  #knownFrom = 1;

  get offset(): number {
    return this.#published.length;
  }

  /** The offset of the publication with this id, in the window or now published. */
  publish(id: string, bytes: number): { offset: number; isAgain: boolean } {
    const known = this.#window().find((each) => each.id === id);
    if (known !== undefined) return { offset: known.offset, isAgain: true };
    const offset = this.offset + 1;
    this.#published.push({ offset, id, bytes, at: this.now, isDeleted: false });
    for (const listener of this.listeners.values()) {
      if (listener.isConnected) this.#see(listener, offset);
    }
    return { offset, isAgain: false };
  }

  delete(id: string): void {
    const publication = this.#window().find((each) => each.id === id);
    if (publication !== undefined) publication.isDeleted = true;
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
    const missed = this.#published.slice(position.offset);
    const shown = missed.filter(({ isDeleted }) => !isDeleted);
    for (const { offset } of shown) this.#see(listener, offset);
    if (missed.length === 0) return "nothing missed";
    return shown.length === missed.length ? "replayed" : "replayed without what was deleted";
  }

  /** The server's process ends; the next one knows the last `kept` publications, or nothing. */
  restart(kept: number | undefined): void {
    for (const listener of this.listeners.values()) listener.isConnected = false;
    if (kept === undefined) {
      this.epoch += 1;
      this.#published = [];
      this.#knownFrom = 1;
    } else {
      this.#knownFrom = Math.max(this.#knownFrom, this.offset - kept + 1);
    }
  }

  #see(listener: ModelListener, offset: number): void {
    listener.position = { epoch: this.epoch, offset: Math.max(offset, listener.position!.offset) };
    listener.seen.push(`${this.epoch}/${offset}`);
  }

  #lossSince({ epoch, offset }: { epoch: number; offset: number }): Outcome | undefined {
    if (epoch !== this.epoch) return "another epoch";
    const first = this.#published[offset];
    if (first === undefined || this.#window().includes(first)) return undefined;
    if (first.offset < this.#knownFrom) return "forgotten in a restart";
    if (this.#isTooOld(first)) return "forgotten for its age";
    const isOneTooMany = this.offset - offset > MODEL_WINDOW.publications;
    return isOneTooMany ? "forgotten for its number" : "forgotten for its bytes";
  }

  /** The most that fits, from the latest back to the first that does not. */
  #window(): ModelPublication[] {
    const window: ModelPublication[] = [];
    let bytes = 0;
    for (const publication of this.#published.toReversed()) {
      bytes += publication.bytes;
      const isOut =
        window.length === MODEL_WINDOW.publications ||
        bytes > MODEL_WINDOW.bytes ||
        this.#isTooOld(publication) ||
        publication.offset < this.#knownFrom;
      if (isOut) break;
      window.push(publication);
    }
    return window;
  }

  #isTooOld({ at }: ModelPublication): boolean {
    return at < this.now - MODEL_WINDOW.ageMs;
  }
}

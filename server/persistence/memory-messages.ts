import type { HistoryPosition, StoredMessage } from "./store.ts";

/** The messages of one topic in memory, by time and then by offset. */
export class MemoryMessages {
  /** Oldest first. */
  readonly #messages: StoredMessage[] = [];
  readonly #byId = new Map<string, StoredMessage>();

  get size(): number {
    return this.#messages.length;
  }

  find(id: string): StoredMessage | undefined {
    return this.#byId.get(id);
  }

  add(message: StoredMessage): void {
    this.#messages.splice(this.#countBefore(message), 0, message);
    this.#byId.set(message.id, message);
  }

  /** Puts a message in the place of the one with its id; returns whether there was one. */
  replace(message: StoredMessage): boolean {
    const previous = this.#byId.get(message.id);
    if (previous === undefined) return false;
    this.#messages.splice(this.#messages.indexOf(previous), 1);
    this.add(message);
    return true;
  }

  /** Newest first, strictly older than `before`. */
  newest(limit: number, before?: HistoryPosition): readonly StoredMessage[] {
    const end = before === undefined ? this.size : this.#countBefore(before);
    return this.#messages.slice(Math.max(0, end - limit), end).toReversed();
  }

  /** Keeps at most `maxMessages`, and none from before `since`. */
  trim(maxMessages: number, since: number): void {
    const expired = this.#countBefore({ createdAt: since });
    const surplus = Math.max(expired, this.size - maxMessages);
    for (const { id } of this.#messages.splice(0, surplus)) this.#byId.delete(id);
  }

  /** How many messages are strictly older than the position. */
  #countBefore({ createdAt, offset = -Infinity }: HistoryPosition): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const message = this.#messages[middle]!;
      const isOlder =
        message.createdAt < createdAt ||
        (message.createdAt === createdAt && message.offset < offset);
      if (isOlder) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

import type { HistoryMessage, RealtimePayload } from "../../../shared/events/publication.ts";

/** A message as a page shows it, whether it was heard live or read from the history. */
export interface TopicMessage<Data = unknown, Event extends string = string> {
  readonly id: string;
  readonly event: Event;
  readonly data: Data;
  /** Absent when the server itself published. */
  readonly userId?: string;
  /** Milliseconds since the Unix epoch, on the server's clock. */
  readonly timestamp: number;
  /** Whether this client's user published it. */
  readonly self: boolean;
  /** When its author or a moderator changed it. */
  readonly editedAt?: number;
}

/**
 * What was said on a topic, oldest first, each message once: those heard live, and those
 * read from the history before or meanwhile. It holds the newest `capacity` messages, and
 * beside them as many older ones as were asked for.
 */
export class TopicLog {
  #entries: readonly TopicMessage[] = [];
  #capacity: number;
  /** Where the oldest message read from the history stands. */
  #oldestCursor: string | undefined;
  #pending: TopicMessage[] = [];
  readonly #known = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get oldestCursor(): string | undefined {
    return this.#oldestCursor;
  }

  /** The same array until something changed. */
  get messages(): readonly TopicMessage[] {
    if (this.#pending.length > 0) this.#fold();
    return this.#entries;
  }

  /** What was heard live; false when it is shown already. */
  add(payload: RealtimePayload): boolean {
    const { id, event, data, userId, timestamp, self } = payload;
    if (id === undefined || this.#known.has(id)) return false;
    this.#known.add(id);
    const author = userId === undefined ? {} : { userId };
    this.#pending.push({ id, event, data, ...author, timestamp, self });
    // A page that nobody looks at may not ask for a long time.
    if (this.#pending.length > this.#capacity) this.#fold();
    return true;
  }

  /** A page of the history, newest first; `areOlder`: asked for in addition. */
  addHistory(
    page: readonly HistoryMessage[],
    ownUserId: string | undefined,
    areOlder: boolean,
  ): void {
    const before = this.messages;
    const read = page.filter(isThere).map((message) => shown(message, ownUserId));
    const fresh = read.filter(({ id }) => !this.#known.has(id)).toReversed();
    for (const { id } of fresh) this.#known.add(id);
    if (areOlder) this.#capacity += fresh.length;
    this.#oldestCursor = page.at(-1)?.cursor ?? this.#oldestCursor;
    if (fresh.length === 0) return;
    // Of the same millisecond the stored ones were first: the live ones came in after them.
    this.#keep([...fresh, ...before].toSorted((one, other) => one.timestamp - other.timestamp));
  }

  /** A stored message was edited or deleted. */
  revise(message: HistoryMessage): void {
    if (!this.#known.has(message.id)) return;
    this.#entries = this.messages.flatMap((each) => {
      if (each.id !== message.id) return [each];
      if (!isThere(message)) return [];
      return [{ ...each, data: message.data, ...editedAt(message) }];
    });
  }

  clear(): void {
    this.#entries = [];
    this.#pending = [];
    this.#known.clear();
    this.#oldestCursor = undefined;
  }

  #fold(): void {
    const entries = [...this.#entries, ...this.#pending];
    this.#pending = [];
    this.#keep(entries);
  }

  #keep(entries: readonly TopicMessage[]): void {
    const excess = Math.max(0, entries.length - this.#capacity);
    for (const { id } of entries.slice(0, excess)) this.#known.delete(id);
    this.#entries = entries.slice(excess);
  }
}

function isThere({ deleted_at: deletedAt }: HistoryMessage): boolean {
  return deletedAt === undefined;
}

function shown(message: HistoryMessage, ownUserId: string | undefined): TopicMessage {
  const { id, event, data, user_id: userId, created_at: timestamp } = message;
  const author = userId === "" ? {} : { userId };
  const self = userId !== "" && userId === ownUserId;
  return { id, event, data, ...author, timestamp, self, ...editedAt(message) };
}

function editedAt({ edited_at: at }: HistoryMessage): { editedAt?: number } {
  return at === undefined ? {} : { editedAt: at };
}

import { SyncError } from "../../shared/errors.ts";
import { checkHistoryLimit } from "../../shared/events/channel-arguments.ts";
import type {
  Publication,
  PublishReceipt,
  StreamPosition,
} from "../../shared/events/publication.ts";
import type { JsonText } from "../../shared/json-text.ts";
import { DEFAULT_HISTORY_LIMIT, MAX_HISTORY_LIMIT } from "../../shared/limits.ts";
import type { WireMessage } from "../../shared/protocol/channel-messages.ts";
import type { Identity } from "../../shared/protocol/hello.ts";
import type { Store, StoredMessage } from "../persistence/store.ts";
import type { ChannelLog, SequencedPublication } from "./channel-log.ts";
import { formatCursor, parseCursor } from "./message-cursor.ts";

/** What a topic's persisted messages are, and how its order survives the process. */
export class ChannelHistory {
  readonly #store: Store;
  readonly #topic: string;
  readonly #newLog: (position?: StreamPosition) => ChannelLog;
  /** Whether the store believes that it knows every publication: see `TopicRecord`. */
  #isComplete = false;
  #hasRecord = false;

  constructor(store: Store, topic: string, newLog: (position?: StreamPosition) => ChannelLog) {
    this.#store = store;
    this.#topic = topic;
    this.#newLog = newLog;
  }

  /**
   * The topic's order as the store knows it; where that may have a hole, as this process left
   * it the last time; else an epoch of its own.
   */
  async openLog(left?: StreamPosition): Promise<ChannelLog> {
    const record = await this.#store.loadTopic(this.#topic);
    if (record?.isComplete !== true) {
      // The record of another epoch is newer: somebody else went on without us.
      const isOurs = left !== undefined && (record ?? left).epoch === left.epoch;
      this.#hasRecord = isOurs && record !== undefined;
      return this.#newLog(isOurs ? left : undefined);
    }
    this.#hasRecord = true;
    this.#isComplete = true;
    const log = this.#newLog(record);
    for (const message of await this.#loadTail(record.offset)) {
      const bytes = Buffer.byteLength(message.data);
      log.restore(toPublication(message), bytes, message.deletedAt !== undefined);
    }
    return log;
  }

  /** Saves the publication before anybody is shown it. */
  async save(publication: SequencedPublication, epoch: string): Promise<void> {
    const { id, offset, event, data, userId, sessionId, timestamp } = publication;
    const message: StoredMessage = {
      topic: this.#topic,
      id,
      offset,
      event,
      data,
      userId,
      sessionId,
      createdAt: timestamp,
      editedAt: undefined,
      deletedAt: undefined,
    };
    await this.#store.saveMessage(message, { epoch, offset, isComplete: true });
    this.#hasRecord = true;
    this.#isComplete = true;
  }

  /** Must be done before a publication that is not saved is shown. */
  async allowUnsaved(log: ChannelLog): Promise<void> {
    if (!this.#isComplete) return;
    await this.#store.saveTopic(this.#topic, { ...log.position, isComplete: false });
    this.#isComplete = false;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** What the publisher of a saved publication was told; undefined when it was not saved. */
  async findReceipt(id: string): Promise<PublishReceipt | undefined> {
    const message = await this.#store.findMessage(this.#topic, id);
    return message && { id, offset: message.offset, timestamp: message.createdAt };
  }

  /** Writes down where the topic stands, so that it goes on there. */
  async settle(log: ChannelLog): Promise<void> {
    if (!this.#hasRecord || this.#isComplete) return;
    await this.#store.saveTopic(this.#topic, { ...log.position, isComplete: true });
    this.#isComplete = true;
  }

  /** Newest first. Throws `payload-invalid` for a limit or cursor that is none. */
  async load(limit = DEFAULT_HISTORY_LIMIT, before?: number | string): Promise<WireMessage[]> {
    checkHistoryLimit(limit);
    const position = before === undefined ? undefined : parseCursor(before);
    const messages = await this.#store.loadMessages(this.#topic, limit, position);
    return messages.map(toHistoryMessage);
  }

  /**
   * The message that `user` wants to change: its own, or as a moderator anybody's. Throws
   * `not-found`, which somebody else's message and none at all have in common from outside.
   */
  async findOwn(user: Identity, id: string): Promise<StoredMessage> {
    const message = await this.#store.findMessage(this.#topic, id);
    const isTheirs = message?.userId === user.id || user.role === "moderator";
    if (message !== undefined && isTheirs) return message;
    throw notFound(id);
  }

  /**
   * Replaces what a message says, or with `text` undefined deletes what it said; then `place`
   * gives that its place in the order. What says so already is left as it is: who asks again,
   * after a cut, gets the same answer, and nobody is told anything a second time.
   */
  async revise(
    user: Identity,
    id: string,
    text: JsonText | undefined,
    log: ChannelLog,
    place: (revised: WireMessage) => void,
  ): Promise<WireMessage> {
    const message = await this.findOwn(user, id);
    const isDeleted = message.deletedAt !== undefined;
    if (isDeleted && text !== undefined) throw notFound(id);
    if (isDeleted || text === message.data) return toHistoryMessage(message);
    const now = log.nextTimestamp();
    const revised: StoredMessage =
      text === undefined
        ? { ...message, data: "null", deletedAt: now }
        : { ...message, data: text, editedAt: now };
    const wasComplete = this.#isComplete;
    // A place in the order that no stored message has: a process that dies before it is
    // written down may not go on as if nothing had happened.
    await this.allowUnsaved(log);
    try {
      if (!(await this.#store.replaceMessage(revised))) throw notFound(id);
      place(toHistoryMessage(revised));
    } finally {
      if (wasComplete) await this.settle(log).catch(() => undefined);
    }
    return toHistoryMessage(revised);
  }

  /** The newest messages, oldest first, back to the first publication that was not saved. */
  async #loadTail(offset: number): Promise<StoredMessage[]> {
    const newest = await this.#store.loadMessages(this.#topic, MAX_HISTORY_LIMIT);
    const unbroken = newest.findIndex((message, at) => message.offset !== offset - at);
    return newest.slice(0, unbroken < 0 ? newest.length : unbroken).toReversed();
  }
}

function notFound(id: string): SyncError {
  return new SyncError("not-found", `there is no message "${id.slice(0, 40)}" to change`);
}

function toPublication(message: StoredMessage): SequencedPublication {
  const { id, offset, event, data, userId, sessionId, createdAt } = message;
  return {
    id,
    offset,
    event,
    data,
    timestamp: createdAt,
    ...stampOf(userId, sessionId),
  };
}

/** Who published, as far as somebody did. */
export function stampOf(
  userId: string | undefined,
  sessionId: string | undefined,
): Pick<Publication, "userId" | "sessionId"> {
  return {
    ...(userId === undefined ? {} : { userId }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

function toHistoryMessage(message: StoredMessage): WireMessage {
  const { id, topic, userId = "", event, data, createdAt, editedAt, deletedAt } = message;
  return {
    id,
    room_id: topic,
    user_id: userId,
    event,
    data,
    created_at: createdAt,
    ...(editedAt === undefined ? {} : { edited_at: editedAt }),
    ...(deletedAt === undefined ? {} : { deleted_at: deletedAt }),
    cursor: formatCursor(message),
  };
}

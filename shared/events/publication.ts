/** Which history of a topic, and how far into it. Offsets begin at 1 and have no gaps. */
export interface StreamPosition {
  /** Changes when the server lost the topic's history: older offsets then mean nothing. */
  readonly epoch: string;
  /** Of the last publication seen; 0: none yet. */
  readonly offset: number;
}

/**
 * A message on a topic, as the server stamped it: id, time, user and place in the order are
 * the server's, whatever the publisher claimed.
 */
export interface Publication<Data = unknown> {
  /** The server's own: the same one when the same publisher publishes under the same key again. */
  readonly id: string;
  /** Position in the topic; absent on volatile publications, which cannot be recovered. */
  readonly offset?: number;
  readonly event: string;
  readonly data: Data;
  /** Absent when the server itself published. */
  readonly userId?: string;
  readonly sessionId?: string;
  /** Milliseconds since the Unix epoch, on the server's clock. */
  readonly timestamp: number;
}

/** What a publisher is told once its publication has its place in the topic. */
export interface PublishReceipt {
  readonly id: string;
  readonly offset?: number;
  readonly timestamp: number;
}

/**
 * What an application learns after every reconnect, for channels and room messages alike:
 * whether anything that was published meanwhile is missing.
 */
export interface Recovery {
  /** The channel, or the room's own messages. */
  readonly topic: string;
  /** True: every missed publication follows, in order. False: some are gone; start over. */
  readonly recovered: boolean;
  /** How many publications were replayed. */
  readonly replayed: number;
}

/** A persisted message, as `getHistory` returns it. */
export interface HistoryMessage<Data = unknown> {
  readonly id: string;
  /** The channel's name. */
  readonly room_id: string;
  /** Empty when the server itself published. */
  readonly user_id: string;
  readonly event: string;
  /** Null once the message was deleted. */
  readonly data: Data;
  /** Milliseconds since the Unix epoch. */
  readonly created_at: number;
  readonly edited_at?: number;
  readonly deleted_at?: number;
  /** Where this message stands: pass it as `before` to go on from here. */
  readonly cursor: string;
}

/** What a channel's listeners are called with. */
// The seeds give the parameter this default: their programs leave it out.
// oxlint-disable-next-line typescript/no-explicit-any
export interface RealtimePayload<T = any> {
  readonly type: "event" | "db_change";
  readonly topic: string;
  readonly event: string;
  readonly data: T;
  readonly old?: T;
  readonly operation?: "INSERT" | "UPDATE" | "DELETE";
  readonly id?: string;
  readonly offset?: number;
  readonly userId?: string;
  readonly sessionId?: string;
  readonly timestamp: number;
  /** Whether this very client's user published it from this session. */
  readonly self: boolean;
  /** On `presence:join`: told to a newcomer about somebody who was there before. */
  readonly initial?: boolean;
  /** On `presence:leave`: it said so, or its connection was lost. */
  readonly reason?: "left" | "lost";
}

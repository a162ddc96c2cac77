/** What somebody published, and what it was told about it. */
export interface PublishedMessage {
  readonly topic: number;
  /** Who published, and its how many-th message on this topic, from 1. */
  readonly from: number;
  readonly seq: number;
  /** Its place in the topic, once that was acknowledged. */
  offset?: number;
  /** Why it was refused. */
  code?: string;
}

/** What one subscriber of a topic was told, in the order in which it was told. */
export interface HeardTopic {
  readonly client: number;
  readonly topic: number;
  readonly heard: HeardEntry[];
}

/** A message, or "resync": from here on something may be missing. */
export type HeardEntry =
  | readonly [offset: number, from: number, seq: number]
  | readonly ["resync"]
  | readonly ["recovered", replayed: number];

export interface History {
  readonly published: readonly PublishedMessage[];
  readonly subscriptions: readonly HeardTopic[];
}

/** Where each topic ends, as far as that was acknowledged. */
export function lastOffsets(published: readonly PublishedMessage[]): Map<number, number> {
  const last = new Map<number, number>();
  for (const { topic, offset = 0 } of published) {
    last.set(topic, Math.max(offset, last.get(topic) ?? 0));
  }
  return last;
}

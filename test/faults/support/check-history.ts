import type { HeardEntry, HeardTopic, History } from "./history.ts";

/** What a history shows. Deliveries are counted for each subscriber. */
export interface Verdict {
  /** Acknowledged to the publisher. */
  readonly published: number;
  readonly refused: number;
  readonly delivered: number;
  /** Of these, so many were told again after a cut. */
  readonly replayed: number;
  /** Acknowledged, never delivered, and the subscriber was not told that something is missing. */
  readonly lost: number;
  /** Delivered again, or published again under another offset. */
  readonly duplicated: number;
  /** Delivered behind a later one of its topic or publisher, or in another order than elsewhere. */
  readonly reordered: number;
  readonly flaggedGaps: number;
  readonly unflaggedGaps: number;
}

type Message = Extract<HeardEntry, readonly [number, number, number]>;

/** Which message has which place in each topic, as everybody together saw it. */
class TopicOrder {
  readonly #byOffset = new Map<string, string>();
  readonly #byMessage = new Map<string, number>();
  conflicts = 0;
  duplicates = 0;

  add(topic: number, [offset, from, seq]: Message): void {
    const place = `${topic}/${offset}`;
    const message = `${topic}/${from}/${seq}`;
    const known = this.#byOffset.get(place);
    if (known === undefined) this.#byOffset.set(place, message);
    else if (known !== message) this.conflicts += 1;
    const firstOffset = this.#byMessage.get(message);
    if (firstOffset === undefined) this.#byMessage.set(message, offset);
    else if (firstOffset !== offset) this.duplicates += 1;
  }
}

/** One subscriber's way through a topic. */
interface Walk {
  delivered: number;
  replayed: number;
  duplicated: number;
  reordered: number;
  flaggedGaps: number;
  unflaggedGaps: number;
  /** Between which offsets it was told that some are missing. */
  readonly excused: [after: number, before: number][];
  readonly offsets: Set<number>;
  /** The latest message of each publisher. */
  readonly seqs: Map<number, number>;
}

/**
 * Reads what publishers and subscribers wrote down, and nothing else: it knows neither how
 * the client recovers nor how the server remembers. Everybody subscribed before the first
 * publication, and every topic stayed in one epoch.
 */
export function checkHistory({ published, subscriptions }: History): Verdict {
  const order = new TopicOrder();
  const acknowledged = new Map<number, number[]>();
  for (const { topic, from, seq, offset } of published) {
    if (offset === undefined) continue;
    order.add(topic, [offset, from, seq]);
    const offsets = acknowledged.get(topic) ?? [];
    acknowledged.set(topic, offsets);
    offsets.push(offset);
  }
  const walks = subscriptions.map((each) => {
    const walk = walkThrough(each, order);
    return { ...walk, lost: countLost(acknowledged.get(each.topic) ?? [], walk) };
  });
  const sum = (of: (walk: (typeof walks)[number]) => number): number =>
    walks.reduce((total, walk) => total + of(walk), 0);
  return {
    published: published.filter(({ offset }) => offset !== undefined).length,
    refused: published.filter(({ code }) => code !== undefined).length,
    delivered: sum(({ delivered }) => delivered),
    replayed: sum(({ replayed }) => replayed),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated) + order.duplicates,
    reordered: sum(({ reordered }) => reordered) + order.conflicts,
    flaggedGaps: sum(({ flaggedGaps }) => flaggedGaps),
    unflaggedGaps: sum(({ unflaggedGaps }) => unflaggedGaps),
  };
}

export function isClean({ lost, duplicated, reordered, unflaggedGaps }: Verdict): boolean {
  return lost + duplicated + reordered + unflaggedGaps === 0;
}

function walkThrough({ topic, heard }: HeardTopic, order: TopicOrder): Walk {
  const walk: Walk = {
    delivered: 0,
    replayed: 0,
    duplicated: 0,
    reordered: 0,
    flaggedGaps: 0,
    unflaggedGaps: 0,
    excused: [],
    offsets: new Set(),
    seqs: new Map(),
  };
  let last = 0;
  let isFlagged = false;
  for (const entry of heard) {
    if (entry[0] === "resync") isFlagged = true;
    if (entry[0] === "recovered") walk.replayed += entry[1] ?? 0;
    if (typeof entry[0] === "string") continue;
    const [offset, from, seq] = entry;
    walk.delivered += 1;
    order.add(topic, [offset, from, seq]);
    if (walk.offsets.has(offset)) walk.duplicated += 1;
    else if (offset < last || seq < (walk.seqs.get(from) ?? 0)) walk.reordered += 1;
    else if (offset > last + 1 && isFlagged) walk.flaggedGaps += 1;
    else if (offset > last + 1) walk.unflaggedGaps += 1;
    if (isFlagged) walk.excused.push([last, offset]);
    isFlagged = false;
    walk.offsets.add(offset);
    walk.seqs.set(from, seq);
    last = Math.max(last, offset);
  }
  if (isFlagged) walk.excused.push([last, Infinity]);
  return walk;
}

function countLost(acknowledged: readonly number[], { offsets, excused }: Walk): number {
  return acknowledged.filter((offset) => {
    if (offsets.has(offset)) return false;
    return !excused.some(([after, before]) => offset > after && offset < before);
  }).length;
}

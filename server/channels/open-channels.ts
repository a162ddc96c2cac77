import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import type { StreamPosition } from "../../shared/events/publication.ts";
import { IDLE_TOPIC_MS } from "../../shared/limits.ts";
import { parseTopic } from "../../shared/topics.ts";
import type { WindowLimits } from "../limits/server-limits.ts";
import type { Store } from "../persistence/store.ts";
import { Channel } from "./channel.ts";
import { ChannelHistory } from "./channel-history.ts";
import { ChannelLog, defaultWindow } from "./channel-log.ts";
import { LeftPositions } from "./left-positions.ts";
import { SerialQueue } from "./serial-queue.ts";
import type { WindowMemory } from "./window-memory.ts";

/** A channel that is open on this process. */
export interface OpenChannel {
  readonly channel: Channel;
  readonly history: ChannelHistory;
  /** What changes the order of the topic, one after the other. */
  readonly queue: SerialQueue;
  /** How long it stays open when nobody uses it: somebody may still ask what was missed. */
  readonly idleMs: number;
  usedAt: number;
}

/** What topics remember, each and all together, and for how long somebody is still there. */
export interface TopicOptions {
  readonly windowOf?: (topic: string) => WindowLimits;
  readonly memory?: WindowMemory;
  readonly graceMs?: number;
}

/**
 * The channels that are open on this process, by topic. One that nobody has used for as long
 * as a window reaches back is written down and closed; who comes later opens it again, and
 * finds it where it stood.
 */
export class OpenChannels {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #options: TopicOptions;
  readonly #channels = new Map<string, Promise<OpenChannel>>();
  readonly #left = new LeftPositions();
  #cancelSweep: CancelTimer | undefined;
  #isClosed = false;

  constructor(store: Store, clock: Clock, options: TopicOptions = {}) {
    this.#store = store;
    this.#clock = clock;
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get size(): number {
    return this.#channels.size;
  }

  /** The channel of a topic, opened now if it is not open. Throws `topic-invalid`, `closed`. */
  async open(topic: string): Promise<OpenChannel> {
    if (this.#isClosed) throw new SyncError("closed", "the server is closing");
    let opening = this.#channels.get(parseTopic(topic));
    if (opening === undefined) {
      opening = this.#load(topic);
      this.#channels.set(topic, opening);
      // A store that failed is asked again by whoever comes next.
      opening.catch(() => this.#channels.delete(topic));
      this.#cancelSweep ??= this.#clock.schedule(IDLE_TOPIC_MS, () => void this.#sweep());
    }
    const open = await opening;
    open.usedAt = this.#clock.now();
    return open;
  }

  /** The channel of a topic if it is open. */
  async find(topic: string): Promise<OpenChannel | undefined> {
    return this.#channels.get(topic);
  }

  /** Writes down where every topic stands. Nothing can be opened afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSweep?.();
    const opened = await this.#opened();
    for (const { channel } of opened) channel.presence.close();
    await Promise.all(opened.map(settle));
    this.#channels.clear();
  }

  async #load(topic: string): Promise<OpenChannel> {
    const { windowOf, memory, graceMs } = this.#options;
    const window = windowOf?.(topic) ?? defaultWindow;
    const newLog = (position?: StreamPosition): ChannelLog =>
      new ChannelLog(this.#clock, window, position, memory);
    const history = new ChannelHistory(this.#store, topic, newLog);
    const log = await history.openLog(this.#left.find(topic));
    const channel = new Channel(topic, log, this.#clock, graceMs);
    const idleMs = Math.max(IDLE_TOPIC_MS, window.ageMs);
    return { channel, history, queue: new SerialQueue(), idleMs, usedAt: this.#clock.now() };
  }

  async #sweep(): Promise<void> {
    const now = this.#clock.now();
    const idle = (await this.#opened()).filter((open) => isIdle(open, now));
    await Promise.all(
      idle.map(async (open) => {
        await settle(open);
        // Somebody may have come while it was written down, and found it open.
        if (!isIdle(open, now)) return;
        const { topic, log } = open.channel;
        this.#left.add(topic, log.position);
        log.clear();
        this.#channels.delete(topic);
      }),
    );
    const isNeeded = this.#channels.size > 0 && !this.#isClosed;
    this.#cancelSweep = isNeeded
      ? this.#clock.schedule(IDLE_TOPIC_MS, () => void this.#sweep())
      : undefined;
  }

  /** All but those that fail to open. */
  async #opened(): Promise<OpenChannel[]> {
    const results = await Promise.allSettled(this.#channels.values());
    return results.filter((each) => each.status === "fulfilled").map(({ value }) => value);
  }
}

function isIdle({ channel, queue, idleMs, usedAt }: OpenChannel, now: number): boolean {
  return !channel.isUsed && queue.isIdle && usedAt <= now - idleMs;
}

async function settle({ channel, history, queue }: OpenChannel): Promise<void> {
  try {
    await queue.run(() => history.settle(channel.log));
  } catch {
    // The record stays incomplete: the topic goes on in a new epoch, and says so.
  }
}

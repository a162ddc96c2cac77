import type { Channel } from "../../../client/channels/channel.ts";
import { connect } from "../../../client/connect.ts";
import type { RealtimeClient } from "../../../client/realtime-client.ts";
import type { Clock } from "../../../shared/clock.ts";
import { SyncError } from "../../../shared/errors.ts";
import type { Recovery } from "../../../shared/events/publication.ts";
import type { ServerType } from "../../../shared/room-types.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { FaultyNetwork, type Dialer } from "../support/faulty-network.ts";
import { isAnswer, isNews, isOperation } from "../support/frame-matchers.ts";
import type { HeardTopic, PublishedMessage } from "../support/history.ts";
import type { Cut } from "./planned-cut.ts";

/** Where time and connections come from. */
export interface FleetParts {
  readonly clock: Clock;
  readonly dialer: Dialer;
}

/** Where a member goes and what it hears; topics are numbered, and 0 is the server's own. */
export interface MemberOptions {
  readonly url: string;
  readonly seed: number;
  readonly topics: number;
  readonly topicsEach: number;
}

/** What a client publishes. */
export interface CutMessage {
  readonly from: number;
  readonly seq: number;
  readonly text: string;
}

const TEXT = "so that a message has the size of one that somebody might have typed";

export function topicName(topic: number): string {
  return `faults/${topic}`;
}

/** One client of a fleet: it publishes on the topics that it hears, and writes down everything. */
export class FleetMember {
  readonly client: number;
  readonly network: FaultyNetwork;
  readonly realtime: RealtimeClient<ServerType>;
  readonly published: PublishedMessage[] = [];
  readonly subscriptions: HeardTopic[] = [];
  readonly #channels = new Map<number, Channel>();
  readonly #seqs = new Map<number, number>();
  #liveTopics = 0;
  #unanswered = 0;
  #turn = 0;
  #tracked = 0;

  constructor(client: number, options: MemberOptions, { clock, dialer }: FleetParts) {
    const { url, seed, topics, topicsEach } = options;
    this.client = client;
    this.network = new FaultyNetwork(dialer);
    const random = new SeededRandom(seed * 1_000 + client).next;
    this.realtime = connect(url, { storage: null, clock, random, ...this.network.options });
    for (let at = 0; at < topicsEach; at += 1) this.#subscribe((client + at * 7) % topics);
  }

  get isOpen(): boolean {
    return this.#liveTopics >= this.subscriptions.length;
  }

  get isSettled(): boolean {
    return this.#unanswered === 0;
  }

  hasHeard(lastOffsets: ReadonlyMap<number, number>): boolean {
    return this.subscriptions.every(({ topic, heard }) => {
      const last = heard.findLast(([offset]) => typeof offset === "number")?.[0] ?? 0;
      return (last as number) >= (lastOffsets.get(topic) ?? 0);
    });
  }

  publish(): void {
    const topics = [...this.#channels.keys()].filter((topic) => topic > 0);
    const topic = topics[this.#turn % topics.length]!;
    this.#turn += 1;
    const seq = (this.#seqs.get(topic) ?? 0) + 1;
    this.#seqs.set(topic, seq);
    const message: PublishedMessage = { topic, from: this.client, seq };
    this.published.push(message);
    this.#unanswered += 1;
    const data: CutMessage = { from: this.client, seq, text: TEXT };
    void this.#publish(this.#channels.get(topic)!, data, message);
  }

  async #publish(channel: Channel, data: CutMessage, message: PublishedMessage): Promise<void> {
    try {
      message.offset = (await channel.publish("message", data)).offset!;
    } catch (error) {
      message.code = error instanceof SyncError ? error.code : String(error);
    }
    this.#unanswered -= 1;
  }

  track(): void {
    this.#tracked += 1;
    for (const channel of this.#channels.values()) {
      // One that is still waiting when the next one comes is settled with that.
      channel.track({ shows: this.#tracked }).catch(() => undefined);
    }
  }

  presenceFaults(members: readonly FleetMember[]): string[] {
    return [...this.#channels].flatMap(([topic, channel]) => {
      const present = members.filter((each) => each.#tracked > 0 && each.#channels.has(topic));
      const shown = [...channel.presenceState().values()].map(
        ({ userId, shows }) => `${userId}: ${String(shows)}`,
      );
      const expected = present.map((each) => `${each.realtime.user?.id}: ${each.#tracked}`);
      if (shown.toSorted().join() === expected.toSorted().join()) return [];
      return `client ${this.client} on topic ${topic} sees ${shown.join()}, not ${expected.join()}`;
    });
  }

  cut(how: Cut): void {
    const { link } = this.network;
    const isPublish = isOperation("publish");
    const cuts: Record<Cut, () => void> = {
      now: () => link.cut(),
      "before-publish": () => link.cutAt("up", isPublish, { passes: false }),
      "behind-publish": () => link.cutAt("up", isPublish, { passes: true }),
      "before-answer": () => link.cutAt("down", isAnswer, { passes: false }),
      "before-news": () => link.cutAt("down", isNews, { passes: false }),
      "half-open": () => link.halfOpen(),
    };
    cuts[how]();
  }

  #subscribe(topic: number): void {
    const subscription: HeardTopic = { client: this.client, topic, heard: [] };
    const { heard } = subscription;
    this.subscriptions.push(subscription);
    const channel = this.realtime
      .channel(topicName(topic))
      .on<CutMessage>("message", ({ offset, data }) => heard.push([offset!, data.from, data.seq]))
      .on("resync", () => heard.push(["resync"]))
      .on("recovery", ({ data }: { data: Recovery }) => heard.push(["recovered", data.replayed]));
    let isLive = false;
    channel.subscribe((status) => {
      if (status === "SUBSCRIBED" && !isLive) this.#liveTopics += 1;
      isLive ||= status === "SUBSCRIBED";
    });
    this.#channels.set(topic, channel);
  }
}

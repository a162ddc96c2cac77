import { WebSocket } from "ws";
import type { Channel } from "../../../client/channels/channel.ts";
import { connect } from "../../../client/connect.ts";
import type { RealtimeClient } from "../../../client/realtime-client.ts";
import type { Clock } from "../../../shared/clock.ts";
import { SyncError } from "../../../shared/errors.ts";
import type { Recovery } from "../../../shared/events/publication.ts";
import type { ServerType } from "../../../shared/room-types.ts";
import { systemClock } from "../../../shared/system-clock.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { FaultyNetwork, type Dialer } from "../support/faulty-network.ts";
import { isAnswer, isNews, isOperation } from "../support/frame-matchers.ts";
import type { HeardTopic, History, PublishedMessage } from "../support/history.ts";
import type { Cut, PlannedCut } from "./planned-cut.ts";

export interface FleetOptions {
  readonly url: string;
  readonly seed: number;
  /** Number of the first client: every fleet has clients of its own. */
  readonly firstClient: number;
  readonly clients: number;
  /** Topics are numbered; 0 is the server's own. */
  readonly topics: number;
  readonly topicsEach: number;
}

/** Where time and connections come from. */
export interface FleetParts {
  readonly clock: Clock;
  readonly dialer: Dialer;
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

/** Clients that publish and listen while their connections are cut, and write down everything. */
export class ClientFleet {
  readonly #firstClient: number;
  readonly #members: FleetMember[];
  readonly #clock: Clock;
  #due = 0;

  constructor(options: FleetOptions, parts: FleetParts = platformParts()) {
    this.#firstClient = options.firstClient;
    this.#clock = parts.clock;
    this.#members = Array.from({ length: options.clients }, (_, at) => {
      return new FleetMember(options, options.firstClient + at, parts);
    });
  }

  /** Whether everybody has been subscribed to everything. */
  get isOpen(): boolean {
    return this.#members.every(({ isOpen }) => isOpen);
  }

  /** Whether everything that was published is answered. */
  get isSettled(): boolean {
    return this.#members.every(({ isSettled }) => isSettled);
  }

  /** How often a connection was tried. */
  get connections(): number {
    return this.#members.reduce((total, { network }) => total + network.links.length, 0);
  }

  /** Whether everybody has heard the topics to these ends. */
  hasHeard(lastOffsets: ReadonlyMap<number, number>): boolean {
    return this.#members.every((each) => each.hasHeard(lastOffsets));
  }

  /** One message of the client whose turn it is, whatever became of those before. */
  publish(): void {
    this.#members[this.#due % this.#members.length]!.publish();
    this.#due += 1;
  }

  cut({ client, how }: PlannedCut): void {
    this.#memberOf(client).cut(how);
  }

  /** The client shows something new of itself on each of its topics. */
  track(client: number): void {
    this.#memberOf(client).track();
  }

  /** Who sees something else of whom than what they show; nobody, once the network is calm. */
  presenceFaults(): string[] {
    return this.#members.flatMap((observer) => observer.presenceFaults(this.#members));
  }

  /** Keeps a client from the server for so long. */
  keepAway(client: number, durationMs: number): void {
    const { network } = this.#memberOf(client);
    network.goDown();
    this.#clock.schedule(durationMs, () => network.comeBack());
  }

  history(): History {
    return {
      published: this.#members.flatMap(({ published }) => published),
      subscriptions: this.#members.flatMap(({ subscriptions }) => subscriptions),
    };
  }

  close(): void {
    for (const { realtime, network } of this.#members) {
      realtime.disconnect();
      network.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #memberOf(client: number): FleetMember {
    return this.#members[client - this.#firstClient]!;
  }
}

function platformParts(): FleetParts {
  const dialer: Dialer = {
    fetch: (input, init) => fetch(input, init),
    webSocket: (url, protocols) => new WebSocket(url, protocols),
  };
  return { clock: systemClock, dialer };
}

class FleetMember {
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

  constructor(options: FleetOptions, client: number, { clock, dialer }: FleetParts) {
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

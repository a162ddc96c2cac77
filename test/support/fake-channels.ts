import type { PresenceEvent, PresenceState } from "../../shared/events/presence-event.ts";
import type { Revision } from "../../client/channels/read-news.ts";
import type {
  HistoryMessage,
  Publication,
  PublishReceipt,
  StreamPosition,
} from "../../shared/events/publication.ts";
import {
  CHANNEL_NEWS_TYPE,
  type ChannelOperations,
  type SubscribeAnswer,
} from "../../shared/protocol/channel-messages.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import {
  type AskedFor,
  fromWireArguments,
  type HeardNews,
  toWireNews,
  withText,
} from "./channel-wire.ts";
import type { FakeRequest, FakeRoom, FakeSeat } from "./fake-room.ts";
import type { SocketPair } from "./socket-pair.ts";

/** A channel operation as the fake server got it. */
export interface FakeOperation {
  readonly name: keyof ChannelOperations;
  readonly given: Record<string, unknown>;
  /** Of the envelope. */
  readonly id: string;
  readonly request: FakeRequest;
}

interface FakeTopic {
  epoch: string;
  offset: number;
  log: Publication[];
  revisions: Revision[];
  readonly members: Map<string, PresenceState>;
  readonly subscribers: Map<FakeSeat, SocketPair | undefined>;
}

/** The fake server's user; everybody who joins is this guest. */
export const OWN_USER = "guest-1";

/**
 * Channels that speak the protocol, with real offsets, epochs and windows and no policy. They
 * do what they are asked at once until a test says otherwise, most often with `hold` and
 * `refuse`.
 */
export class FakeChannels {
  readonly operations: FakeOperation[] = [];
  readonly history: HistoryMessage[] = [];
  /** Publications that a topic keeps. */
  window = 1_000;
  /** Publications that one answer replays. */
  partSize = Infinity;
  /** Refuses what it returns an error for. */
  refuse: ((operation: FakeOperation) => WireError | undefined) | undefined;
  /** What is to be done later, by `release`. */
  hold: ((operation: FakeOperation) => boolean) | undefined;
  /** Done, but not answered, until `release`. */
  holdAnswer: ((operation: FakeOperation) => boolean) | undefined;
  now = 1_700_000_000_000;
  #held: (() => void)[] = [];
  readonly #topics = new Map<string, FakeTopic>();
  #epochs = 0;

  /** The names of what was asked, in order, or what was asked under one name. */
  get names(): string[] {
    return this.operations.map(({ name }) => name);
  }

  asked(name: keyof ChannelOperations): Record<string, unknown>[] {
    return this.operations.filter((each) => each.name === name).map(({ given }) => given);
  }

  handle(room: FakeRoom, request: FakeRequest): void {
    const [, id, name, asked] = request.payload as [
      number,
      string,
      keyof ChannelOperations,
      Record<string, unknown>,
    ];
    const given = fromWireArguments(asked);
    const operation: FakeOperation = { name, given, id, request };
    this.operations.push(operation);
    const perform = (): void => {
      const refusal = this.refuse?.(operation);
      const answer = refusal === undefined ? this.#perform(room, operation) : undefined;
      const reply = (): void => {
        if (refusal === undefined) room.reply(request, answer);
        else room.reject(request, refusal);
      };
      if (this.holdAnswer?.(operation) === true) this.#held.push(reply);
      else reply();
    };
    if (this.hold?.(operation) === true) this.#held.push(perform);
    else perform();
  }

  /** Everything that was held is done and answered now, in order. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const each of held) each();
  }

  /** Somebody else publishes, from another session. */
  publish(
    room: FakeRoom,
    topic: string,
    event: string,
    data: unknown,
    more: Partial<Publication> = {},
  ): Publication {
    const stamp = { userId: "user-2", sessionId: "session-of-2", timestamp: this.now };
    const channel = this.topic(topic);
    const id = `server-${channel.offset + 1}`;
    return this.#append(room, topic, { id, event, data, ...stamp, ...more });
  }

  /** A stored message becomes another one. */
  revise(room: FakeRoom, topic: string, more: Partial<HistoryMessage>): Revision {
    const channel = this.topic(topic);
    channel.offset += 1;
    const stamp = { room_id: topic, user_id: "user-2", event: "message", created_at: this.now };
    const message = { id: "message-1", ...stamp, data: "edited", cursor: "1.1", ...more };
    const revision = { offset: channel.offset, message };
    channel.revisions = [...channel.revisions, revision];
    this.tell(room, { kind: "revision", topic, revision });
    return revision;
  }

  publishVolatile(room: FakeRoom, topic: string, event: string, data: unknown): void {
    const stamp = { userId: "user-2", sessionId: "session-of-2", timestamp: this.now };
    const publication = { id: "volatile", event, data, ...stamp };
    this.tell(room, { kind: "publication", topic, publication });
  }

  /** Somebody else shows something; undefined: nothing any more. */
  show(
    room: FakeRoom,
    topic: string,
    userId: string,
    state: Record<string, unknown> | undefined,
    reason: "left" | "lost" = "left",
  ): void {
    this.#show(room, topic, userId, `session-of-${userId}`, state, reason);
  }

  /** Ends the client's own presence, as when it is no longer allowed. */
  expel(room: FakeRoom, topic: string, seat: FakeSeat): void {
    this.#showOwn(room, topic, seat, undefined);
  }

  position(topic: string): StreamPosition {
    const { epoch, offset } = this.topic(topic);
    return { epoch, offset };
  }

  subscribers(topic: string): number {
    return this.topic(topic).subscribers.size;
  }

  members(topic: string): PresenceState[] {
    return [...this.topic(topic).members.values()];
  }

  /** What a topic's log held is gone, and its offsets mean nothing any more. */
  forget(topic: string): void {
    const channel = this.topic(topic);
    channel.log = [];
    channel.revisions = [];
    channel.offset = 0;
    channel.epoch = this.#nextEpoch();
  }

  /** A new process that remembers nothing. */
  restart(): void {
    this.#topics.clear();
    this.#held = [];
  }

  tell(room: FakeRoom, heard: HeardNews): void {
    const news = toWireNews(heard);
    for (const [seat, pair] of this.topic(news.topic).subscribers) {
      if (seat.pair === pair && seat.isJoined) room.send(seat, CHANNEL_NEWS_TYPE, news);
    }
  }

  topic(topic: string): FakeTopic {
    let channel = this.#topics.get(topic);
    if (channel === undefined) {
      const epoch = this.#nextEpoch();
      const nothing = { offset: 0, log: [], revisions: [] };
      channel = { epoch, ...nothing, members: new Map(), subscribers: new Map() };
      this.#topics.set(topic, channel);
    }
    return channel;
  }

  #nextEpoch(): string {
    this.#epochs += 1;
    return `epoch-${this.#epochs}`;
  }

  #perform(room: FakeRoom, { name, given, request }: FakeOperation): unknown {
    const { seat } = request;
    const topic = given["topic"] as string;
    const performers: Record<keyof ChannelOperations, () => unknown> = {
      subscribe: () => this.#subscribe(room, seat, given),
      unsubscribe: () => void this.topic(topic).subscribers.delete(seat),
      publish: () => this.#publish(room, seat, given),
      track: () => this.#showOwn(room, topic, seat, given["state"] as Record<string, unknown>),
      untrack: () => this.#showOwn(room, topic, seat, undefined),
      history: () => this.#historyPage(given as unknown as AskedFor<"history">).map(withText),
      edit: () => withText({ ...this.history[0], data: given["data"] }),
      delete: () => withText({ ...this.history[0], data: null }),
      authenticate: () => ({ id: OWN_USER, name: `Guest with ${String(given["token"])}` }),
    };
    return performers[name]() ?? null;
  }

  #historyPage({ limit = 50, before }: AskedFor<"history">): HistoryMessage[] {
    const start = this.history.findIndex(({ cursor }) => cursor === before) + 1;
    return this.history.slice(start, start + limit);
  }

  #subscribe(room: FakeRoom, seat: FakeSeat, given: Record<string, unknown>): SubscribeAnswer {
    const topic = given["topic"] as string;
    const channel = this.topic(topic);
    const { epoch, offset, log } = channel;
    const part = this.#firstPart(topic, given["since"] as StreamPosition | undefined);
    if (part !== undefined) return part;
    channel.subscribers.set(seat, seat.pair);
    const presence = given["presence"] as Record<string, unknown> | undefined;
    if (presence !== undefined) this.#showOwn(room, topic, seat, presence);
    const members = [...channel.members.values()].map((member) => JSON.stringify(member));
    const nothing = { publications: [], revisions: [] };
    const answer = { position: { epoch, offset }, ...nothing, members };
    const since = given["since"] as StreamPosition | undefined;
    if (since === undefined) return answer;
    const missed = log.filter((each) => each.offset! > since.offset);
    const revised = channel.revisions.filter((each) => each.offset > since.offset);
    const recovered =
      since.epoch === epoch && missed.length + revised.length === offset - since.offset;
    if (!recovered) return { ...answer, recovered };
    const revisions = revised.map((each) => ({ ...each, message: withText(each.message) }));
    return { ...answer, recovered, publications: missed.map(withText), revisions };
  }

  /** What an answer holds that does not hold everything. */
  #firstPart(topic: string, since: StreamPosition | undefined): SubscribeAnswer | undefined {
    const { epoch, log, offset } = this.topic(topic);
    if (since === undefined || since.epoch !== epoch) return undefined;
    const missed = log.filter((each) => each.offset! > since.offset);
    if (missed.length <= this.partSize || missed.length < offset - since.offset) return undefined;
    const publications = missed.slice(0, this.partSize).map(withText);
    const position = { epoch, offset: since.offset + publications.length };
    const nothing = { revisions: [], members: [] };
    return { position, recovered: true, hasMore: true, publications, ...nothing };
  }

  #publish(room: FakeRoom, seat: FakeSeat, given: Record<string, unknown>): PublishReceipt {
    const { id, event, data, volatile } = given as unknown as AskedFor<"publish">;
    const topic = given["topic"] as string;
    const known = this.topic(topic).log.find((each) => each.id === id);
    const stamp = { userId: OWN_USER, sessionId: seat.sessionId, timestamp: this.now };
    const publication = { id, event, data, ...stamp };
    if (volatile === true) {
      this.tell(room, { kind: "publication", topic, publication });
      return { id, timestamp: this.now };
    }
    const { offset, timestamp } = known ?? this.#append(room, topic, publication);
    return { id, offset: offset!, timestamp };
  }

  #append(room: FakeRoom, topic: string, draft: Publication): Publication {
    const channel = this.topic(topic);
    channel.offset += 1;
    const publication = { ...draft, offset: channel.offset };
    channel.log = [...channel.log, publication].slice(-this.window);
    this.tell(room, { kind: "publication", topic, publication });
    return publication;
  }

  #showOwn(
    room: FakeRoom,
    topic: string,
    { sessionId }: FakeSeat,
    state: Record<string, unknown> | undefined,
  ): void {
    this.#show(room, topic, OWN_USER, sessionId, state, "left");
  }

  #show(
    room: FakeRoom,
    topic: string,
    userId: string,
    sessionId: string,
    state: Record<string, unknown> | undefined,
    reason: "left" | "lost",
  ): void {
    const { members } = this.topic(topic);
    const old = members.get(userId);
    const stamp = { sessionId, timestamp: this.now };
    let presence: PresenceEvent;
    if (state === undefined) {
      if (old === undefined) return;
      members.delete(userId);
      presence = { event: "presence:leave", data: old, reason, ...stamp };
    } else {
      const data = { ...state, userId };
      if (JSON.stringify(old) === JSON.stringify(data)) return;
      members.set(userId, data);
      presence =
        old === undefined
          ? { event: "presence:join", data, ...stamp }
          : { event: "presence:update", data, old, ...stamp };
    }
    this.tell(room, { kind: "presence", topic, presence });
  }
}

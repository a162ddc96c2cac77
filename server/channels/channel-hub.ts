import { randomUUID } from "node:crypto";
import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import type {
  HistoryMessage,
  Publication,
  PublishReceipt,
} from "../../shared/events/publication.ts";
import { Emitter } from "../../shared/emitter.ts";
import { IDLE_TOPIC_MS } from "../../shared/limits.ts";
import type { Identity } from "../../shared/protocol/hello.ts";
import { parseTopic } from "../../shared/topics.ts";
import type { LateStore } from "../persistence/late-store.ts";
import { validatePayload } from "../rooms/validate-payload.ts";
import { Channel } from "./channel.ts";
import { ChannelHistory, stampOf } from "./channel-history.ts";
import type { Actor, ChannelAuthority, EventRule } from "./channel-policy.ts";
import { payloadText, type Draft } from "./draft.ts";
import { SerialQueue } from "./serial-queue.ts";

/** What was published where, and by whom if it was a client. */
export interface PublishedMessage {
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  readonly userId?: string;
}

/** A channel that is open on this process. */
interface OpenChannel {
  readonly channel: Channel;
  readonly history: ChannelHistory;
  readonly queue: SerialQueue;
  usedAt: number;
}

/** All channels of this process: opens them by topic, and publishes on them. */
export class ChannelHub {
  readonly authority: ChannelAuthority;
  /** Every publication, once it has its place in its topic. */
  readonly published = new Emitter<[message: PublishedMessage]>();
  readonly #store: Pick<LateStore, "opened">;
  readonly #clock: Clock;
  readonly #channels = new Map<string, Promise<OpenChannel>>();
  #cancelSweep: CancelTimer | undefined;
  #isClosed = false;

  constructor(authority: ChannelAuthority, store: Pick<LateStore, "opened">, clock: Clock) {
    this.authority = authority;
    this.#store = store;
    this.#clock = clock;
  }

  /** The channel of a topic, opened now if it is not open. Throws `topic-invalid`. */
  async open(topic: string): Promise<Channel> {
    return (await this.#open(topic)).channel;
  }

  /**
   * Gives a publication its place in its topic, stores it if it is to last, and tells the
   * subscribers, in this order. The same publisher's same id again is answered with the
   * first receipt. Throws `not-allowed`, `payload-invalid` or `payload-too-large`.
   */
  async publish(actor: Actor, draft: Draft): Promise<PublishReceipt> {
    const { topic, event, data } = draft;
    const request = { channel: parseTopic(topic), action: "publish", event, data } as const;
    const rule = await this.authority.authorize(actor, request);
    const allowed = await checkDraft(draft, rule);
    const open = await this.#open(topic);
    return open.queue.run(() => this.#publishNext(open, actor, allowed));
  }

  async getHistory(
    topic: string,
    limit?: number,
    before?: number | string,
  ): Promise<HistoryMessage[]> {
    return (await this.#open(topic)).history.load(limit, before);
  }

  /** Edits a stored message, or deletes it when `data` is left out, and tells subscribers. */
  async revise(
    user: Identity,
    topic: string,
    id: string,
    data?: { to: unknown },
  ): Promise<HistoryMessage> {
    const { channel, history, queue } = await this.#open(topic);
    const text = data && payloadText(data.to);
    return queue.run(async () => {
      const message = await history.revise(user, id, text);
      channel.announceRevision(message);
      return message;
    });
  }

  /** Writes down where every topic stands. Nothing can be published afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSweep?.();
    const open = await Promise.all(this.#channels.values());
    this.#channels.clear();
    await Promise.all(
      open.map(async ({ channel, history, queue }) => {
        channel.presence.close();
        await queue.run(() => history.close(channel.log));
      }),
    );
  }

  #publishNext(
    { channel, history }: OpenChannel,
    actor: Actor,
    draft: Draft & { text: string },
  ): PublishReceipt | Promise<PublishReceipt> {
    const { log } = channel;
    const userId = actor === "server" ? undefined : actor.user.id;
    const publication: Publication = {
      id: draft.id ?? randomUUID(),
      event: draft.event,
      data: draft.data,
      timestamp: this.#clock.now(),
      ...stampOf(userId, draft.sessionId),
    };
    const except = draft.echo === false ? draft.sessionId : undefined;
    const announce = (placed: Publication): void => {
      channel.announce(placed, except);
      const { event, data } = placed;
      this.published.emit({ channel: channel.topic, event, data, ...stampOf(userId, undefined) });
    };
    if (draft.volatile === true) {
      announce(publication);
      return { id: publication.id, timestamp: publication.timestamp };
    }
    const known = log.receiptOf(publication);
    if (known !== undefined) return known;
    const sequence = (): PublishReceipt => {
      const { id, offset, timestamp } = log.append(publication, draft.text.length);
      announce({ ...publication, offset });
      return { id, offset, timestamp };
    };
    if (draft.persist === true) {
      const { epoch, offset } = log.position;
      const next = { ...publication, offset: offset + 1 };
      return history.save(next, draft.text, epoch).then(sequence);
    }
    return history.isComplete ? history.allowUnsaved(log).then(sequence) : sequence();
  }

  #open(topic: string): Promise<OpenChannel> {
    let open = this.#channels.get(parseTopic(topic));
    if (open === undefined) {
      open = this.#load(topic);
      this.#channels.set(topic, open);
      // A store that failed is asked again by whoever comes next.
      open.catch(() => this.#channels.delete(topic));
    }
    return open.then((channel) => this.#touch(channel));
  }

  async #load(topic: string): Promise<OpenChannel> {
    const history = new ChannelHistory(this.#store.opened, this.#clock, topic);
    const log = await history.openLog();
    const channel = new Channel(topic, log, this.#clock);
    this.#cancelSweep ??= this.#clock.schedule(IDLE_TOPIC_MS, () => void this.#sweep());
    return { channel, history, queue: new SerialQueue(), usedAt: this.#clock.now() };
  }

  #touch(open: OpenChannel): OpenChannel {
    open.usedAt = this.#clock.now();
    return open;
  }

  /** Forgets the channels that nobody has used for as long as a window reaches back. */
  async #sweep(): Promise<void> {
    const horizon = this.#clock.now() - IDLE_TOPIC_MS;
    for (const { channel, history, queue, usedAt } of await Promise.all(this.#channels.values())) {
      if (channel.isUsed || usedAt > horizon) continue;
      this.#channels.delete(channel.topic);
      queue
        .run(() => history.close(channel.log))
        .catch(() => {
          // The record stays incomplete: the topic goes on in a new epoch, and says so.
        });
    }
    const isNeeded = this.#channels.size > 0 && !this.#isClosed;
    this.#cancelSweep = isNeeded
      ? this.#clock.schedule(IDLE_TOPIC_MS, () => void this.#sweep())
      : undefined;
  }
}

/** The draft as its rule wants it, with the JSON text of its payload. */
async function checkDraft(draft: Draft, rule: EventRule): Promise<Draft & { text: string }> {
  const text = payloadText(draft.data);
  const { schema, persist = draft.persist, volatile = draft.volatile } = rule;
  if (persist === true && volatile === true) {
    throw new SyncError("payload-invalid", "a volatile publication cannot be persisted");
  }
  const modes = {
    ...(persist === undefined ? {} : { persist }),
    ...(volatile === undefined ? {} : { volatile }),
  };
  if (schema === undefined) return { ...draft, ...modes, text };
  const data = await validatePayload(schema, draft.event, draft.data);
  return { ...draft, ...modes, data, text: payloadText(data) };
}

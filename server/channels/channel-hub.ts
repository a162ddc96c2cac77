import type { Clock } from "../../shared/clock.ts";
import { Emitter } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type {
  HistoryMessage,
  Publication,
  PublishReceipt,
} from "../../shared/events/publication.ts";
import type { Identity } from "../../shared/protocol/hello.ts";
import type { Store } from "../persistence/store.ts";
import type { Channel } from "./channel.ts";
import { stampOf } from "./channel-history.ts";
import type { Actor, ChannelAuthority, EventRule } from "./channel-policy.ts";
import { checkNames, type Draft } from "./draft.ts";
import { OpenChannels, type OpenChannel } from "./open-channels.ts";
import { sealPayload, type Payload } from "./payload.ts";
import { publicationId } from "./publication-id.ts";

/** What was published where, and by whom if it was a client. */
export interface PublishedMessage {
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  readonly userId?: string;
}

/** A publication that may be made, and waits for its place. */
interface Admitted {
  readonly actor: Actor;
  readonly draft: Draft;
  readonly payload: Payload;
  readonly mode: Mode;
}

/** Told only to who is there, kept for who was away, or stored as well. */
type Mode = "volatile" | "kept" | "stored";

/** All channels of this process: opens them by topic, and publishes on them. */
export class ChannelHub {
  readonly authority: ChannelAuthority;
  /** Every publication, once it has its place in its topic. */
  readonly published = new Emitter<[message: PublishedMessage]>();
  readonly #channels: OpenChannels;

  constructor(authority: ChannelAuthority, store: Store, clock: Clock) {
    this.authority = authority;
    this.#channels = new OpenChannels(store, clock);
  }

  /** The channel of a topic, opened now if it is not open. Throws `topic-invalid`. */
  async open(topic: string): Promise<Channel> {
    return (await this.#channels.open(topic)).channel;
  }

  /** The channel of a topic if it is open. */
  async find(topic: string): Promise<Channel | undefined> {
    return (await this.#channels.find(topic))?.channel;
  }

  /**
   * Gives a publication its place in its topic, stores it if it is to last, and tells the
   * subscribers, in this order. The same publisher's same id again is answered with the
   * first receipt. `data` may be changed as soon as this has returned. Throws `not-allowed`,
   * `payload-invalid` or `payload-too-large`.
   */
  async publish(actor: Actor, draft: Draft): Promise<PublishReceipt> {
    return (await this.enqueue(actor, draft)).receipt;
  }

  /** Like `publish`, but resolves when nothing that comes later can overtake it any more. */
  async enqueue(
    actor: Actor,
    draft: Draft,
  ): Promise<{ readonly receipt: Promise<PublishReceipt> }> {
    checkNames(draft);
    const { topic, event } = draft;
    const sealed = sealPayload(draft.data);
    const request = { channel: topic, action: "publish", event, data: sealed.data } as const;
    const { data, rule } = await this.authority.authorize(actor, request);
    const payload = data === sealed.data ? sealed : sealPayload(data);
    const mode = modeOf(draft, rule);
    const open = await this.#channels.open(topic);
    const admitted = { actor, draft, payload, mode };
    return { receipt: open.queue.run(() => this.#publishNext(open, admitted)) };
  }

  async getHistory(
    topic: string,
    limit?: number,
    before?: number | string,
  ): Promise<HistoryMessage[]> {
    return (await this.#channels.open(topic)).history.load(limit, before);
  }

  /** Edits a stored message, or deletes it when `data` is left out, and tells subscribers. */
  async revise(
    user: Identity,
    topic: string,
    id: string,
    data?: { to: unknown },
  ): Promise<HistoryMessage> {
    await this.authority.authorize({ user }, { channel: topic, action: "revise" });
    const { channel, history, queue } = await this.#channels.open(topic);
    const { event } = await history.findOwn(user, id);
    const text = data && (await this.#editedText(user, topic, event, data.to));
    return queue.run(async () => {
      const message = await history.revise(user, id, text);
      channel.announceRevision(message);
      return message;
    });
  }

  /** Writes down where every topic stands. Nothing can be published afterwards. */
  close(): Promise<void> {
    return this.#channels.close();
  }

  /** What may not be published may not be put into a message afterwards. */
  async #editedText(user: Identity, topic: string, event: string, to: unknown): Promise<string> {
    const { data } = sealPayload(to);
    const request = { channel: topic, action: "publish", event, data } as const;
    return sealPayload((await this.authority.authorize({ user }, request)).data).text;
  }

  #publishNext(
    open: OpenChannel,
    { actor, draft, payload, mode }: Admitted,
  ): PublishReceipt | Promise<PublishReceipt> {
    if (this.#channels.isClosed) throw new SyncError("closed", "the server is closing");
    const { channel, history } = open;
    const { log } = channel;
    const userId = actor === "server" ? undefined : actor.user.id;
    const publication: Publication = {
      id: publicationId(actor, draft.id),
      event: draft.event,
      data: payload.data,
      timestamp: log.nextTimestamp(),
      ...stampOf(userId, draft.sessionId),
    };
    const announce = (placed: Publication): void => {
      channel.announce(placed, draft.echo === false ? draft.sessionId : undefined);
      const { event, data } = placed;
      this.published.emit({ channel: channel.topic, event, data, ...stampOf(userId, undefined) });
    };
    if (mode === "volatile") {
      announce(publication);
      return { id: publication.id, timestamp: publication.timestamp };
    }
    const known = log.receiptOf(publication.id);
    if (known !== undefined) return known;
    const place = (): PublishReceipt => {
      const placed = log.append(publication, payload.bytes);
      announce(placed);
      return { id: placed.id, offset: placed.offset, timestamp: placed.timestamp };
    };
    if (mode === "stored") return this.#publishStored(open, publication, payload, place);
    return history.isComplete ? history.allowUnsaved(log).then(place) : place();
  }

  async #publishStored(
    { channel, history }: OpenChannel,
    publication: Publication,
    { text }: Payload,
    place: () => PublishReceipt,
  ): Promise<PublishReceipt> {
    const { epoch, offset } = channel.log.position;
    try {
      await history.save({ ...publication, offset: offset + 1 }, text, epoch);
    } catch (error) {
      // It may have been stored longer ago than the log remembers: then it is the same one.
      const known = await history.findReceipt(publication.id).catch(() => undefined);
      if (known === undefined) throw error;
      return known;
    }
    return place();
  }
}

function modeOf({ persist, volatile }: Draft, rule: EventRule): Mode {
  if (rule.persist === true) return "stored";
  if (rule.volatile === true) return "volatile";
  const isStored = persist === true && rule.persist !== false;
  const isVolatile = volatile === true && rule.volatile !== false;
  if (isStored && isVolatile) {
    throw new SyncError("payload-invalid", "a volatile publication cannot be persisted");
  }
  if (isStored) return "stored";
  return isVolatile ? "volatile" : "kept";
}

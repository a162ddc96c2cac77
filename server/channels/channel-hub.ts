import type { Clock } from "../../shared/clock.ts";
import { Emitter } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type { JsonText } from "../../shared/json-text.ts";
import type { PublishReceipt } from "../../shared/events/publication.ts";
import type { WireMessage, WirePublication } from "../../shared/protocol/channel-messages.ts";
import type { Identity } from "../../shared/protocol/hello.ts";
import { ClientBudgets } from "../limits/client-budgets.ts";
import { defaultLimits, type ServerLimits } from "../limits/server-limits.ts";
import type { Store } from "../persistence/store.ts";
import type { Channel } from "./channel.ts";
import { ChannelAudience } from "./channel-audience.ts";
import { stampOf } from "./channel-history.ts";
import type { Actor, ChannelAuthority, EventRule } from "./channel-policy.ts";
import { checkNames, type Draft } from "./draft.ts";
import { OpenChannels, type OpenChannel } from "./open-channels.ts";
import { sealPayload, type Payload } from "./payload.ts";
import { PolicyUsages } from "./policy-usages.ts";
import { publicationId } from "./publication-id.ts";
import { WindowMemory } from "./window-memory.ts";

/** What was published where, and by whom if it was a client. */
export interface PublishedMessage {
  readonly channel: string;
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
  readonly userId?: string;
  readonly sessionId?: string;
  readonly timestamp: number;
  /** How many connections of this process it was sent to. */
  readonly receivers: number;
}

/** A publication that may be made, and waits for its place. */
interface Admitted {
  readonly actor: Actor;
  readonly draft: Omit<Draft, "data">;
  readonly payload: Payload;
  readonly mode: Mode;
}

/** Told only to who is there, kept for who was away, or stored as well. */
type Mode = "volatile" | "kept" | "stored";

/** All channels of this process: opens them by topic, and publishes on them. */
export class ChannelHub {
  readonly authority: ChannelAuthority;
  readonly audience = new ChannelAudience();
  /** Every publication, once it has its place in its topic. */
  readonly published = new Emitter<[message: PublishedMessage]>();
  readonly limits: ServerLimits;
  /** What sessions and users may still do, and the channels of each policy. */
  readonly budgets: ClientBudgets;
  readonly usages: PolicyUsages;
  readonly #channels: OpenChannels;

  constructor(authority: ChannelAuthority, store: Store, clock: Clock, limits = defaultLimits) {
    this.authority = authority;
    this.limits = limits;
    this.budgets = new ClientBudgets(limits, clock);
    this.usages = new PolicyUsages(authority, limits, clock);
    this.#channels = new OpenChannels(store, clock, {
      windowOf: (topic) => this.usages.windowOf(topic),
      memory: new WindowMemory(limits.allWindows.bytes),
      graceMs: limits.presence.graceMs,
    });
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
   * `payload-invalid` or `payload-too-large`, and what a limit of the policy refuses.
   */
  async publish(actor: Actor, draft: Draft): Promise<PublishReceipt> {
    return (await this.enqueue(actor, draft, sealPayload(draft.data))).receipt;
  }

  /**
   * Like `publish`, of a payload that is sealed already, but resolves when nothing that comes
   * later can overtake it any more.
   */
  async enqueue(
    actor: Actor,
    draft: Omit<Draft, "data">,
    sealed: Payload,
  ): Promise<{ readonly receipt: Promise<PublishReceipt> }> {
    checkNames(draft);
    const { topic, event } = draft;
    const request = { channel: topic, action: "publish", event, data: sealed.data } as const;
    const { data, rule } = await this.authority.authorize(actor, request);
    // A schema may return what it was given, changed.
    const payload = rule.schema === undefined ? sealed : sealPayload(data);
    const mode = modeOf(draft, rule);
    this.usages.publish(topic, actor, payload.bytes);
    const open = await this.#channels.open(topic);
    this.usages.use(open.channel, { by: actor === "server" ? "server" : "client", to: "publish" });
    const admitted = { actor, draft, payload, mode };
    return { receipt: open.queue.run(() => this.#publishNext(open, admitted)) };
  }

  async getHistory(
    topic: string,
    limit?: number,
    before?: number | string,
  ): Promise<WireMessage[]> {
    return (await this.#channels.open(topic)).history.load(limit, before);
  }

  /** Edits a stored message, or deletes it when `to` is left out, and tells subscribers. */
  async revise(user: Identity, topic: string, id: string, to?: Payload): Promise<WireMessage> {
    await this.authority.authorize({ user }, { channel: topic, action: "revise" });
    const { channel, history, queue } = await this.#channels.open(topic);
    const { event } = await history.findOwn(user, id);
    const text = to && (await this.#editedText(user, topic, event, to));
    this.usages.publish(topic, { user }, to?.bytes ?? 0);
    return queue.run(() =>
      history.revise(user, id, text, channel.log, (revised) => channel.announceRevision(revised)),
    );
  }

  /** Writes down where every topic stands. Nothing can be published afterwards. */
  close(): Promise<void> {
    return this.#channels.close();
  }

  /** What may not be published may not be put into a message afterwards. */
  async #editedText(user: Identity, topic: string, event: string, to: Payload): Promise<JsonText> {
    const request = { channel: topic, action: "publish", event, data: to.data } as const;
    const { data, rule } = await this.authority.authorize({ user }, request);
    return rule.schema === undefined ? to.text : sealPayload(data).text;
  }

  #publishNext(
    open: OpenChannel,
    { actor, draft, payload, mode }: Admitted,
  ): PublishReceipt | Promise<PublishReceipt> {
    if (this.#channels.isClosed) throw new SyncError("closed", "the server is closing");
    const { channel, history } = open;
    const { log } = channel;
    const userId = actor === "server" ? undefined : actor.user.id;
    const publication: WirePublication = {
      id: publicationId(actor, draft.id),
      event: draft.event,
      data: payload.text,
      timestamp: log.nextTimestamp(),
      ...stampOf(userId, draft.sessionId),
    };
    const announce = (placed: WirePublication): void => {
      const receivers = channel.announce(
        placed,
        draft.echo === false ? draft.sessionId : undefined,
      );
      const { id, event, timestamp } = placed;
      const said = { channel: channel.topic, id, event, data: payload.data, timestamp, receivers };
      this.published.emit({ ...said, ...stampOf(userId, draft.sessionId) });
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
    if (mode === "stored") return this.#publishStored(open, publication, place);
    return history.isComplete ? history.allowUnsaved(log).then(place) : place();
  }

  async #publishStored(
    { channel, history }: OpenChannel,
    publication: WirePublication,
    place: () => PublishReceipt,
  ): Promise<PublishReceipt> {
    const { epoch, offset } = channel.log.position;
    try {
      await history.save({ ...publication, offset: offset + 1 }, epoch);
    } catch (error) {
      // It may have been stored longer ago than the log remembers: then it is the same one.
      const known = await history.findReceipt(publication.id).catch(() => undefined);
      if (known === undefined) throw error;
      return known;
    }
    return place();
  }
}

function modeOf({ persist, volatile }: Omit<Draft, "data">, rule: EventRule): Mode {
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

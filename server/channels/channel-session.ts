import { SyncError } from "../../shared/errors.ts";
import type { PublishReceipt, StreamPosition } from "../../shared/events/publication.ts";
import type {
  ChannelOperation,
  ChannelOperations,
  SubscribeAnswer,
  WirePublication,
} from "../../shared/protocol/channel-messages.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";
import type { Identity } from "../../shared/protocol/hello.ts";
import type { ClientBudget } from "../limits/client-budgets.ts";
import type { Peer, RoomClient } from "../transport/websocket-client.ts";
import type { Channel, Subscriber } from "./channel.ts";
import { checkPosition, readTracked } from "./channel-arguments.ts";
import type { AudienceMember } from "./channel-audience.ts";
import type { ChannelHub } from "./channel-hub.ts";
import type { ChannelAction } from "./channel-policy.ts";
import type { Draft } from "./draft.ts";
import { type Payload, readPayload } from "./payload.ts";
import { SerialQueue } from "./serial-queue.ts";
import { TopicQueues } from "./topic-queues.ts";

type Arguments<Name extends ChannelOperation> = ChannelOperations[Name]["arguments"];
type Answer<Name extends ChannelOperation> = ChannelOperations[Name]["answer"];

/**
 * Everything that one client's connection has to do with channels. What it asks of a topic
 * is done in the order in which it asks, however long each has to wait for a permission; what
 * is still waiting when the connection ends is not done any more.
 */
export class ChannelSession implements Subscriber, AudienceMember {
  /** What it may still do. */
  readonly budget: ClientBudget;
  readonly #hub: ChannelHub;
  readonly #client: RoomClient;
  /** Where it is subscribed or present. */
  readonly #channels = new Map<string, Channel>();
  /** The room's own channel, which needs no permission, once it is subscribed. */
  #roomChannel: Channel | undefined;
  readonly #queues = new TopicQueues();
  readonly #renewals = new SerialQueue();
  #hasEnded = false;

  constructor(hub: ChannelHub, client: RoomClient) {
    this.#hub = hub;
    this.#client = client;
    this.budget = hub.budgets.open(client.user.id);
    hub.audience.add(this);
  }

  get sessionId(): string {
    return this.#client.sessionId;
  }

  get userId(): string {
    return this.#client.user.id;
  }

  get peer(): Peer {
    return this.#client.peer;
  }

  get topics(): string[] {
    const subscribed = [...this.#channels].filter(([, channel]) => channel.has(this));
    return subscribed.map(([topic]) => topic);
  }

  deliver(frame: Uint8Array): void {
    this.#client.enqueueRaw(frame);
  }

  tell(topic: string, publication: WirePublication): boolean {
    const channel = this.#channels.get(topic);
    if (channel?.has(this) !== true) return false;
    channel.tell(this, publication);
    return true;
  }

  subscribe({ topic, since, presence }: Arguments<"subscribe">): Promise<SubscribeAnswer> {
    const position = checkPosition(since);
    const state = presence === undefined ? undefined : readTracked(presence);
    const actions: ChannelAction[] =
      state === undefined ? ["subscribe"] : ["subscribe", "presence"];
    return this.#inOrder(topic, () =>
      this.#enter(topic, actions, (channel) => {
        const answer = channel.subscribe(this, position, this.#admitReplay);
        if (answer.hasMore === true) {
          if (!channel.presence.has(this)) this.#channels.delete(topic);
          return answer;
        }
        this.#hub.audience.subscribed.emit(this, topic);
        if (state === undefined) return answer;
        channel.presence.track(this, state);
        return { ...answer, members: channel.members() };
      }),
    );
  }

  /** A room's own channel: who is in the room may hear it. */
  subscribeToRoom(channel: Channel, since: StreamPosition | undefined): SubscribeAnswer {
    const answer = channel.subscribe(this, checkPosition(since), this.#admitReplay);
    this.#roomChannel = channel;
    return answer;
  }

  unsubscribe({ topic }: Arguments<"unsubscribe">): Promise<null> {
    return this.#inOrder(topic, () => {
      const own = this.#roomChannel;
      if (own !== undefined && topic === own.topic) own.unsubscribe(this);
      this.#quit(topic);
      return null;
    });
  }

  /** `data`: JSON text, as it came. */
  async publish({ data, ...draft }: Draft): Promise<PublishReceipt> {
    const payload = readPayload(data);
    const { receipt } = await this.#inOrder(draft.topic, () => {
      const isSubscribed = this.#channels.get(draft.topic)?.has(this) === true;
      const actor = { user: this.#client.user, isSubscribed, budget: this.budget };
      return this.#hub.enqueue(actor, draft, payload);
    });
    // Nothing waits for the store but who published.
    return receipt;
  }

  track({ topic, state: claimed }: Arguments<"track">): Promise<null> {
    const state = readTracked(claimed);
    return this.#inOrder(topic, () =>
      this.#enter(topic, ["presence"], (channel) => {
        channel.presence.track(this, state);
        return null;
      }),
    );
  }

  untrack({ topic }: Arguments<"untrack">): Promise<null> {
    return this.#inOrder(topic, async () => {
      // Also where an earlier connection of this session is what is still shown.
      const channel = this.#channels.get(topic) ?? (await this.#hub.find(topic));
      channel?.presence.untrack(this);
      if (channel !== undefined && !channel.has(this)) this.#channels.delete(topic);
      return null;
    });
  }

  async history({ topic, limit, before }: Arguments<"history">): Promise<Answer<"history">> {
    await this.#renewed();
    const { user } = this.#client;
    await this.#hub.authority.authorize({ user }, { channel: topic, action: "history" });
    return this.#hub.getHistory(topic, limit, before);
  }

  /** Edits a stored message, or deletes it when there is nothing to put in its place. */
  revise(topic: string, id: string, to?: Payload): Promise<Answer<"edit">> {
    return this.#inOrder(topic, () => this.#hub.revise(this.#client.user, topic, id, to));
  }

  /** The same user with a newer token: what it is no longer allowed ends. */
  renew(authenticate: () => Promise<Identity>): Promise<Identity> {
    return this.#renewals.run(async () => {
      this.#client.renew(await authenticate());
      await Promise.all([...this.#channels.values()].map((each) => this.#recheck(each)));
      return this.#client.user;
    });
  }

  /** The connection was lost: hears nothing more, and counts as present for a while. */
  suspend(): void {
    for (const channel of this.#end()) {
      channel.unsubscribe(this);
      channel.presence.suspend(this);
    }
  }

  /** The client left on purpose. */
  leave(): void {
    for (const channel of this.#end()) {
      channel.unsubscribe(this);
      channel.presence.leave(this);
    }
  }

  readonly #admitReplay = (bytes: number): void => {
    this.budget.spend({ replayBytes: bytes });
  };

  #end(): Channel[] {
    this.#hasEnded = true;
    this.#hub.audience.remove(this, this.topics);
    this.#roomChannel?.unsubscribe(this);
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    return channels;
  }

  /** Runs `act` on the channel, without a pause between the permission and the act. */
  async #enter<Result>(
    topic: string,
    actions: readonly ChannelAction[],
    act: (channel: Channel) => Result,
  ): Promise<Result> {
    for (;;) {
      const { user } = this.#client;
      for (const action of actions) {
        // oxlint-disable-next-line no-await-in-loop -- who may not hear a channel is not asked about presence there
        await this.#hub.authority.authorize({ user }, { channel: topic, action });
      }
      // oxlint-disable-next-line no-await-in-loop -- again only for who has shown a newer token
      const channel = await this.#hub.open(topic);
      if (this.#hasEnded) throw new SyncError("closed", "the connection has ended");
      // A newer token came meanwhile: what was allowed was allowed to the older one.
      if (user !== this.#client.user) continue;
      this.#hub.usages.use(channel, { by: "client", to: "stay" });
      this.#join(channel);
      return act(channel);
    }
  }

  #inOrder<Result>(topic: string, work: () => Result | Promise<Result>): Promise<Result> {
    return this.#queues.run(topic, () =>
      this.#renewals.isIdle ? work() : this.#renewed().then(work),
    );
  }

  /** A newer token that came before a request counts for it, also while it is still checked. */
  #renewed(): Promise<void> {
    return this.#renewals.run(() => undefined);
  }

  #join(channel: Channel): void {
    if (this.#channels.has(channel.topic)) return;
    const { subscriptions } = this.#hub.limits.session;
    if (this.#channels.size >= subscriptions) {
      const text = `more than ${subscriptions} channels on one connection`;
      throw new SyncError("channel-limit", text);
    }
    this.#channels.set(channel.topic, channel);
  }

  #quit(topic: string): void {
    const channel = this.#channels.get(topic);
    channel?.unsubscribe(this);
    channel?.presence.untrack(this);
    this.#channels.delete(topic);
  }

  /** Ends what the user is no longer allowed on a channel. */
  async #recheck(channel: Channel): Promise<void> {
    const { topic, presence } = channel;
    if (channel.has(this)) {
      const refusal = await this.#refusal(topic, "subscribe");
      if (refusal !== undefined) {
        this.#channels.delete(topic);
        channel.unsubscribe(this);
        presence.leave(this);
        channel.end(this, toWireError(refusal));
        return;
      }
    }
    const isShown = presence.has(this);
    if (!isShown || (await this.#refusal(topic, "presence")) === undefined) return;
    presence.leave(this);
    if (!channel.has(this)) this.#channels.delete(topic);
  }

  #refusal(channel: string, action: ChannelAction): Promise<SyncError | undefined> {
    return this.#hub.authority.refusal({ user: this.#client.user }, { channel, action });
  }
}

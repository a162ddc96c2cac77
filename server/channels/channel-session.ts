import { SyncError } from "../../shared/errors.ts";
import type { StreamPosition } from "../../shared/events/publication.ts";
import { MAX_PRESENCE_BYTES, MAX_SUBSCRIPTIONS_PER_SESSION } from "../../shared/limits.ts";
import type { ChannelOperations, SubscribeAnswer } from "../../shared/protocol/channel-messages.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";
import type { RoomClient } from "../transport/websocket-client.ts";
import type { Channel, Subscriber } from "./channel.ts";
import type { ChannelHub } from "./channel-hub.ts";
import type { ChannelAction } from "./channel-policy.ts";
import { payloadText } from "./draft.ts";

type Arguments<Name extends keyof ChannelOperations> = ChannelOperations[Name]["arguments"];

/** Everything that one client's connection has to do with channels. */
export class ChannelSession implements Subscriber {
  readonly #hub: ChannelHub;
  readonly #client: RoomClient;
  readonly #channels = new Map<string, Channel>();

  constructor(hub: ChannelHub, client: RoomClient) {
    this.#hub = hub;
    this.#client = client;
  }

  get sessionId(): string {
    return this.#client.sessionId;
  }

  get userId(): string {
    return this.#client.user.id;
  }

  deliver(frame: Uint8Array): void {
    this.#client.enqueueRaw(frame);
  }

  async subscribe({ topic, since, presence }: Arguments<"subscribe">): Promise<SubscribeAnswer> {
    await this.#authorize(topic, "subscribe");
    const channel = await this.#hub.open(topic);
    this.#join(channel);
    const answer = channel.subscribe(this, since && checkPosition(since));
    if (presence !== undefined) await this.track({ topic, state: presence });
    return answer;
  }

  /** A room's own channel needs no policy: who is in the room may hear it. */
  subscribeTo(channel: Channel, since: StreamPosition | undefined): SubscribeAnswer {
    this.#join(channel);
    return channel.subscribe(this, since && checkPosition(since));
  }

  unsubscribe({ topic }: Arguments<"unsubscribe">): null {
    const channel = this.#channels.get(topic);
    channel?.unsubscribe(this);
    channel?.presence.untrack(this);
    this.#channels.delete(topic);
    return null;
  }

  async track({ topic, state }: Arguments<"track">): Promise<null> {
    const text = payloadText(state);
    if (typeof state !== "object" || state === null || Array.isArray(state)) {
      throw new SyncError("payload-invalid", "what is tracked is not an object");
    }
    if (Buffer.byteLength(text) > MAX_PRESENCE_BYTES) {
      const size = `${Buffer.byteLength(text)} bytes exceeds ${MAX_PRESENCE_BYTES}`;
      throw new SyncError("payload-too-large", `presence of ${size}`);
    }
    await this.#authorize(topic, "presence");
    const channel = await this.#hub.open(topic);
    this.#join(channel);
    channel.presence.track(this, state);
    return null;
  }

  untrack({ topic }: Arguments<"untrack">): null {
    this.#channels.get(topic)?.presence.untrack(this);
    return null;
  }

  async history({
    topic,
    limit,
    before,
  }: Arguments<"history">): ReturnType<ChannelHub["getHistory"]> {
    await this.#authorize(topic, "history");
    return this.#hub.getHistory(topic, limit, before);
  }

  /** Ends the subscriptions that the client's user is no longer allowed. */
  async recheck(): Promise<void> {
    const channels = [...this.#channels.values()];
    await Promise.all(
      channels.map(async (channel) => {
        try {
          await this.#authorize(channel.topic, "subscribe");
        } catch (error) {
          this.unsubscribe(channel);
          channel.end(this, toWireError(error as SyncError));
        }
      }),
    );
  }

  /** The connection was lost: hears nothing more, and counts as present for a while. */
  suspend(): void {
    for (const channel of this.#channels.values()) {
      channel.unsubscribe(this);
      channel.presence.suspend(this);
    }
    this.#channels.clear();
  }

  /** The client left on purpose. */
  leave(): void {
    for (const topic of this.#channels.keys()) this.unsubscribe({ topic });
  }

  #authorize(channel: string, action: ChannelAction): Promise<unknown> {
    return this.#hub.authority.authorize({ user: this.#client.user }, { channel, action });
  }

  #join(channel: Channel): void {
    if (this.#channels.has(channel.topic)) return;
    if (this.#channels.size >= MAX_SUBSCRIPTIONS_PER_SESSION) {
      const text = `more than ${MAX_SUBSCRIPTIONS_PER_SESSION} channels on one connection`;
      throw new SyncError("channel-limit", text);
    }
    this.#channels.set(channel.topic, channel);
  }
}

function checkPosition(since: StreamPosition): StreamPosition {
  const { epoch, offset } = since as Partial<StreamPosition>;
  if (typeof epoch === "string" && Number.isSafeInteger(offset) && offset! >= 0) return since;
  throw new SyncError("payload-invalid", "a position has an epoch and an offset");
}

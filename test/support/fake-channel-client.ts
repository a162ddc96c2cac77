import type { Channel, ChannelOptions } from "../../client/channels/channel.ts";
import type { ConnectOptions } from "../../client/connect.ts";
import type { Publication, RealtimePayload } from "../../shared/events/publication.ts";
import type { FakeChannels } from "./fake-channels.ts";
import { FakeClient } from "./fake-client.ts";

/** More than any delay of the first attempts: enough for a rejoin that can succeed. */
export const REJOIN_MS = 2_000;

/** A client of a server in memory whose room carries channels and has no state. */
export class FakeChannelClient extends FakeClient {
  constructor(options: ConnectOptions = {}) {
    super(options);
    this.server.room.hasState = false;
  }

  get channels(): FakeChannels {
    return this.server.channels;
  }

  /** A handle that is live. */
  async subscribed(topic = "chat/general", options?: ChannelOptions): Promise<Channel> {
    const channel = this.realtime.channel(topic, options).subscribe();
    await this.settle();
    return channel;
  }

  /** Somebody else publishes. */
  publish(data: unknown, topic = "chat/general", more: Partial<Publication> = {}): void {
    this.channels.publish(this.server.room, topic, "message", data, more);
  }

  /** Somebody else shows something; undefined: nothing any more. */
  show(userId: string, state: Record<string, unknown> | undefined, topic = "chat/general"): void {
    this.channels.show(this.server.room, topic, userId, state);
  }

  /** The connection is lost without a word, and comes back. */
  async dropAndReturn(meanwhile: () => void = () => undefined): Promise<void> {
    this.server.drop();
    await this.settle();
    meanwhile();
    await this.clock.advance(REJOIN_MS);
  }
}

/** What a handle's listeners are called with: the event, and the data or what stands for it. */
export function record(channel: Channel, ...events: string[]): unknown[] {
  const heard: unknown[] = [];
  for (const event of events) {
    channel.on(event, (payload: RealtimePayload) => heard.push([payload.event, payload.data]));
  }
  return heard;
}

/** The data of what is published as "message", in the order in which it is heard. */
export function recordMessages(channel: Channel): unknown[] {
  const heard: unknown[] = [];
  channel.on("message", ({ data }) => heard.push(data));
  return heard;
}

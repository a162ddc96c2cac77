import type { Unsubscribe } from "../../../shared/emitter.ts";
import type { Channel, ChannelOptions } from "../../channels/channel.ts";
import type { ChannelStatus } from "../../channels/handle-subscription.ts";
import type { ConnectionStatus } from "../../connection/connection-status.ts";
import type { Problems } from "./problems.ts";

/**
 * How a topic stands. `subscribing`: not yet, or not after 10 s and it goes on trying;
 * `subscribed`: everything flows; `reconnecting`: it did, and will again; `closed`: refused,
 * taken away, or the client was disconnected.
 */
export type TopicStatus = "subscribing" | "subscribed" | "reconnecting" | "closed";

/** What carries a channel: a client, or a room that it is in. */
export interface TopicCarrier {
  channel(topic: string, options?: ChannelOptions): Channel;
}

/** What there is to know of the client behind it. */
export interface StatusSource {
  /** Its `disconnect` was called, and its `connect` not since. */
  readonly isDisconnected: boolean;
  onStatusChange(listener: (status: ConnectionStatus) => void): Unsubscribe;
}

export interface TopicHandleParts {
  readonly client: StatusSource;
  readonly carrier: TopicCarrier;
  readonly topic: string;
  readonly options?: ChannelOptions;
  readonly problems: Problems;
  /** Adds what hears the channel; for each subscription anew. */
  readonly listen: (channel: Channel) => void;
  readonly onSubscribed: () => void;
  readonly onChange: () => void;
}

/** One handle of a channel, subscribed for as long as it is open. */
export class TopicHandle {
  readonly #parts: TopicHandleParts;
  #status: TopicStatus = "subscribing";
  #channel: Channel | undefined;
  /** Counts the subscriptions: of those before the latest one nothing counts any more. */
  #round = 0;
  #isClosedByClient = false;
  #stopWatching: Unsubscribe = () => undefined;

  constructor(parts: TopicHandleParts) {
    this.#parts = parts;
  }

  get status(): TopicStatus {
    return this.#status;
  }

  /** Throws `topic-invalid` for what is no channel's name. */
  get channel(): Channel {
    const { carrier, topic, options } = this.#parts;
    this.#channel ??= carrier.channel(topic, options);
    return this.#channel;
  }

  open(): void {
    this.subscribe();
    const { client } = this.#parts;
    this.#stopWatching = client.onStatusChange(() => {
      if (this.#isClosedByClient && !client.isDisconnected) this.subscribe();
    });
  }

  close(): void {
    this.#round += 1;
    this.#stopWatching();
    this.#channel?.unsubscribe();
    this.#setStatus("subscribing");
  }

  /** Begins, or begins again after it was refused. */
  subscribe(): void {
    this.#isClosedByClient = false;
    this.#round += 1;
    const round = this.#round;
    try {
      const { channel } = this;
      channel.unsubscribe();
      this.#setStatus("subscribing");
      this.#parts.listen(channel);
      channel.onError((error) => this.#parts.problems.failed("channel", error));
      channel.onDisconnect(() => {
        if (round === this.#round) this.#setStatus("reconnecting");
      });
      channel.subscribe((status, error) => {
        if (round === this.#round) this.#handle(status, error);
      });
    } catch (error) {
      this.#setStatus("closed");
      this.#parts.problems.failed("subscribe", error);
    }
  }

  #handle(status: ChannelStatus, error: Error | undefined): void {
    switch (status) {
      case "SUBSCRIBED":
        this.#parts.problems.went("subscribe");
        this.#setStatus("subscribed");
        this.#parts.onSubscribed();
        return;
      case "TIMED_OUT":
        this.#parts.problems.failed("subscribe", error);
        return;
      case "CHANNEL_ERROR":
        this.#setStatus("closed");
        this.#parts.problems.failed("subscribe", error);
        return;
      case "CLOSED":
        this.#isClosedByClient = this.#parts.client.isDisconnected;
        this.#setStatus("closed");
        return;
    }
  }

  #setStatus(status: TopicStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#parts.onChange();
  }
}

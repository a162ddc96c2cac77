import type { Clock } from "../../../shared/clock.ts";
import { Emitter, type Unsubscribe } from "../../../shared/emitter.ts";
import type { SyncError } from "../../../shared/errors.ts";
import type {
  HistoryMessage,
  PublishReceipt,
  RealtimePayload,
} from "../../../shared/events/publication.ts";
import { DEFAULT_HISTORY_LIMIT, MAX_SHOWN_MESSAGES } from "../../../shared/limits.ts";
import type { Identity } from "../../../shared/protocol/hello.ts";
import type { Channel, ChannelOptions, PublishOptions } from "../../channels/channel.ts";
import { LiveStore } from "./live-store.ts";
import { Problems } from "./problems.ts";
import type { StatusSource, TopicCarrier, TopicStatus } from "./topic-handle.ts";
import { TopicHandle } from "./topic-handle.ts";
import { TopicLog, type TopicMessage } from "./topic-log.ts";

export interface TopicSettings extends ChannelOptions {
  /** How many stored messages to begin with; default none. */
  readonly history?: number;
  /** How many messages to keep; default 500. Older ones that were asked for come on top. */
  readonly keep?: number;
}

/** How a topic stands, as a component sees it. */
export interface TopicSnapshot {
  readonly messages: readonly TopicMessage[];
  readonly status: TopicStatus;
  readonly error: SyncError | undefined;
  /** Whether the history may have more; undefined until it was looked at. */
  readonly hasOlder: boolean | undefined;
  /** Publications went by that this page will never see. */
  readonly hasGap: boolean;
}

export interface TopicStoreParts {
  readonly clock: Clock;
  readonly client: StatusSource & { readonly user: Identity | undefined };
  readonly carrier: TopicCarrier;
  readonly topic: string;
  readonly settings: TopicSettings;
}

/** One topic with its messages, for all components that show it. */
export class TopicStore {
  readonly live: LiveStore<TopicSnapshot>;
  readonly #parts: TopicStoreParts;
  readonly #log: TopicLog;
  readonly #heard = new Emitter<[payload: RealtimePayload]>();
  readonly #problems: Problems;
  readonly #handle: TopicHandle;
  #hasOlder: boolean | undefined;
  #hasGap = false;

  constructor(parts: TopicStoreParts) {
    this.#parts = parts;
    const { client, carrier, topic, settings } = parts;
    const { history: _history, keep = MAX_SHOWN_MESSAGES, ...options } = settings;
    this.#log = new TopicLog(keep);
    const onChange = (): void => this.live.change();
    this.#problems = new Problems(parts.clock, onChange);
    this.#handle = new TopicHandle({
      client,
      carrier,
      topic,
      options,
      problems: this.#problems,
      listen: (channel) => this.#listen(channel),
      onSubscribed: () => {
        if (this.#hasOlder === undefined) void this.#readNewest();
      },
      onChange,
    });
    this.live = new LiveStore({
      clock: parts.clock,
      read: () => this.#read(),
      open: () => this.#handle.open(),
      close: () => this.#close(),
    });
  }

  /** Throws `topic-invalid` for what is no channel's name. */
  get channel(): Channel {
    return this.#handle.channel;
  }

  /** Everything that the channel tells, from now on. */
  hear(listener: (payload: RealtimePayload) => void): Unsubscribe {
    return this.#heard.on(listener);
  }

  readonly publish = (
    event: string,
    data: unknown,
    options?: PublishOptions,
  ): Promise<PublishReceipt> => this.#do("publish", (it) => it.publish(event, data, options));

  readonly editMessage = (id: string, data: unknown): Promise<HistoryMessage> =>
    this.#do("edit", (it) => it.editMessage(id, data));

  readonly deleteMessage = (id: string): Promise<HistoryMessage> =>
    this.#do("edit", (it) => it.deleteMessage(id));

  /** Puts the stored messages before the oldest one in front. */
  readonly loadOlder = (count = DEFAULT_HISTORY_LIMIT): Promise<void> =>
    this.#do("history", (it) => this.#readHistory(it, count, this.#log.oldestCursor));

  readonly retry = (): void => {
    if (this.live.isOpen) this.#handle.subscribe();
  };

  #do<Value>(kind: string, run: (channel: Channel) => Promise<Value>): Promise<Value> {
    return this.#problems.follow(
      kind,
      (async () => {
        return run(this.channel);
      })(),
    );
  }

  #listen(channel: Channel): void {
    channel.on("*", (payload) => this.#hear(payload));
    channel.on("presence:sync", (payload) => this.#heard.emit(payload));
    channel.on("recovery", (payload) => this.#heard.emit(payload));
    channel.on("resync", (payload) => {
      this.#hasGap = true;
      this.live.change();
      this.#heard.emit(payload);
      void this.#readNewest();
    });
  }

  #hear(payload: RealtimePayload): void {
    if (payload.event === "revision" && payload.id === undefined) {
      this.#log.revise(payload.data as HistoryMessage);
      this.live.change();
    } else if (payload.offset !== undefined && this.#log.add(payload)) {
      this.live.change();
    }
    this.#heard.emit(payload);
  }

  async #readNewest(): Promise<void> {
    const { history = 0 } = this.#parts.settings;
    if (history === 0) return;
    await this.#do("history", (it) => this.#readHistory(it, history)).catch(() => undefined);
  }

  async #readHistory(channel: Channel, count: number, before?: string): Promise<void> {
    const page = await channel.getHistory(count, before);
    if (!this.live.isOpen) return;
    this.#hasOlder = page.length === count;
    this.#log.addHistory(page, this.#parts.client.user?.id, before !== undefined);
    this.live.change();
  }

  #close(): void {
    this.#handle.close();
    this.#log.clear();
    this.#problems.clear();
    this.#hasOlder = undefined;
    this.#hasGap = false;
    this.live.change();
  }

  #read(): TopicSnapshot {
    return {
      messages: this.#log.messages,
      status: this.#handle.status,
      error: this.#problems.latest,
      hasOlder: this.#hasOlder,
      hasGap: this.#hasGap,
    };
  }
}

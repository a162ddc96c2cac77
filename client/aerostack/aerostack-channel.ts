import { reportListenerError } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type { HistoryMessage as StoredMessage } from "../../shared/events/publication.ts";
import { Channel, type ChannelCarrier, type ChannelOptions } from "../channels/channel.ts";
import type { ChannelStatus, ChannelStatusListener } from "../channels/handle-subscription.ts";

/** A persisted message; what it holds is the application's, as in `RealtimePayload`. */
// oxlint-disable-next-line typescript/no-explicit-any
export type HistoryMessage<T = any> = StoredMessage<T>;

/** What carries a channel, and brings it back when the client is connected again by hand. */
export interface ChannelKeeper extends ChannelCarrier {
  keep(channel: AerostackChannel): void;
  release(channel: AerostackChannel): void;
}

/**
 * One handle of a channel as Aerostack's programs use it, which wait for nothing and catch
 * nothing. Beyond what `Channel` promises:
 *
 * - what is subscribed or tracked comes back after `realtime.disconnect()` and `connect()`;
 * - a refused subscription that nobody listens for is an uncaught error, never silence;
 * - `track` and `untrack` are remembered where there is no connection, and do not reject then.
 */
export class AerostackChannel extends Channel {
  readonly #keeper: ChannelKeeper;
  #callbacks: ChannelStatusListener[] = [];
  #tracked: Record<string, unknown> | undefined;
  #isWanted = false;
  #isFollowed = false;
  #isAwaited = false;

  constructor(topic: string, keeper: ChannelKeeper, options?: ChannelOptions) {
    super(topic, keeper, options);
    this.#keeper = keeper;
  }

  override get ready(): Promise<void> {
    this.#isAwaited = true;
    return super.ready;
  }

  override subscribe(callback?: ChannelStatusListener): this {
    const callbacks = callback === undefined ? [] : [callback];
    this.#isWanted = true;
    this.#keeper.keep(this);
    if (!this.#isFollowed) return this.#begin(callbacks);
    this.#callbacks.push(...callbacks);
    return super.subscribe(callback);
  }

  override unsubscribe(): void {
    this.#isWanted = false;
    super.unsubscribe();
    this.#keeper.release(this);
  }

  override async track(state: Record<string, unknown>): Promise<void> {
    this.#tracked = state;
    this.#keeper.keep(this);
    await super.track(state).catch(unlessAway);
  }

  override async untrack(): Promise<void> {
    this.#tracked = undefined;
    if (!this.#isWanted) this.#keeper.release(this);
    await super.untrack().catch(unlessAway);
  }

  // oxlint-disable-next-line typescript/no-explicit-any
  override getHistory<T = any>(
    limit?: number,
    before?: number | string,
  ): Promise<HistoryMessage<T>[]> {
    return super.getHistory(limit, before) as Promise<HistoryMessage<T>[]>;
  }

  /** Asks again for what had ended, on the connection that there is now. */
  resume(): void {
    if (this.#isWanted && !this.#isFollowed) this.#begin(this.#callbacks);
    if (this.#tracked !== undefined) void this.track(this.#tracked);
  }

  #begin(callbacks: readonly ChannelStatusListener[]): this {
    this.#callbacks = [...callbacks];
    this.#isFollowed = true;
    this.#isAwaited = false;
    super.subscribe((status, error) => this.#follow(status, error));
    for (const callback of callbacks) super.subscribe(callback);
    return this;
  }

  #follow(status: ChannelStatus, error: SyncError | undefined): void {
    if (status !== "CLOSED" && status !== "CHANNEL_ERROR") return;
    this.#isFollowed = false;
    const isUnheard = this.#callbacks.length === 0 && !this.#isAwaited;
    if (error !== undefined && isUnheard) reportListenerError(error);
  }
}

/** What is remembered is sent with the next connection: that there is none now is no failure. */
function unlessAway(error: unknown): void {
  const isAway = error instanceof SyncError && ["closed", "disconnected"].includes(error.code);
  if (!isAway) throw error;
}

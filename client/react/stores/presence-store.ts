import type { Clock } from "../../../shared/clock.ts";
import type { Unsubscribe } from "../../../shared/emitter.ts";
import type { SyncError } from "../../../shared/errors.ts";
import type { PresenceState } from "../../../shared/events/presence-event.ts";
import { UNMOUNT_GRACE_MS } from "../../../shared/limits.ts";
import type { Channel } from "../../channels/channel.ts";
import { LiveStore } from "./live-store.ts";
import { Problems } from "./problems.ts";
import { type StatusSource, type TopicCarrier, TopicHandle } from "./topic-handle.ts";
import type { TopicStatus } from "./topic-handle.ts";

export interface PresenceSnapshot {
  readonly members: readonly PresenceState[];
  readonly status: TopicStatus;
  readonly error: SyncError | undefined;
}

export interface PresenceStoreParts {
  readonly clock: Clock;
  readonly client: StatusSource;
  readonly carrier: TopicCarrier;
  readonly topic: string;
}

const EVENTS = ["presence:sync", "presence:join", "presence:update", "presence:leave"];

/** Who is on one topic, for all components that show it, and what they want us to show. */
export class PresenceStore {
  readonly live: LiveStore<PresenceSnapshot>;
  readonly #clock: Clock;
  readonly #handle: TopicHandle;
  readonly #problems: Problems;
  /** By component; the latest one is shown. */
  readonly #wanted = new Map<symbol, Record<string, unknown>>();
  #isTracking = false;
  #members: readonly PresenceState[] = [];

  constructor({ clock, client, carrier, topic }: PresenceStoreParts) {
    this.#clock = clock;
    const onChange = (): void => this.live.change();
    this.#problems = new Problems(clock, onChange);
    this.#handle = new TopicHandle({
      client,
      carrier,
      topic,
      problems: this.#problems,
      listen: (channel) => this.#listen(channel),
      onSubscribed: () => this.#look(),
      onChange,
    });
    this.live = new LiveStore({
      clock,
      read: () => ({
        members: this.#members,
        status: this.#handle.status,
        error: this.#problems.latest,
      }),
      open: () => this.#handle.open(),
      close: () => this.#close(),
    });
  }

  readonly retry = (): void => {
    if (this.live.isOpen) this.#handle.subscribe();
  };

  /** Shows `state` until a moment after the return value is called. */
  show(state: Record<string, unknown>): Unsubscribe {
    const owner = Symbol("owner");
    this.#wanted.set(owner, state);
    this.#track();
    return () => {
      // A component that is mounted anew, or shows something else, wants its own by then.
      this.#clock.schedule(UNMOUNT_GRACE_MS, () => {
        const isShown = [...this.#wanted.keys()].at(-1) === owner;
        this.#wanted.delete(owner);
        if (isShown) this.#track();
      });
    };
  }

  #listen(channel: Channel): void {
    for (const event of EVENTS) channel.on(event, () => this.#look());
    this.#isTracking = false;
    this.#track();
  }

  #look(): void {
    this.#members = [...this.#handle.channel.presenceState().values()];
    this.live.change();
  }

  #track(): void {
    if (!this.live.isOpen) return;
    const state = [...this.#wanted.values()].at(-1);
    if (state === undefined && !this.#isTracking) return;
    this.#isTracking = state !== undefined;
    this.#problems
      .follow(
        "presence",
        (async () => {
          const { channel } = this.#handle;
          await (state === undefined ? channel.untrack() : channel.track(state));
        })(),
      )
      .catch(() => undefined);
  }

  #close(): void {
    this.#handle.close();
    this.#problems.clear();
    this.#isTracking = false;
    this.#members = [];
    this.live.change();
  }
}

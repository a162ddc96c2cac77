import type { Unsubscribe } from "../shared/emitter.ts";
import { SyncError } from "../shared/errors.ts";
import type { Recovery } from "../shared/events/publication.ts";
import type { Identity } from "../shared/protocol/hello.ts";
import type { MessageName, PayloadOf, ReplyOf, StateOf } from "../shared/room-types.ts";
import { Channel, type ChannelOptions } from "./channels/channel.ts";
import type { Traffic } from "./connection/traffic.ts";
import type { RoomSession } from "./room-session.ts";
import type { StateObserver } from "./state/room-observers.ts";
import type { StateCallbacks } from "./state/schema-state.ts";

/** How one request of a room is made. */
export interface RequestOptions {
  /**
   * Gives up after this long, from the call on. Without it, a request waits up to 30 s for
   * a connection and 10 s for its reply.
   */
  timeoutMs?: number;
}

/** A payload may be left out where `undefined` is one. */
type PayloadArgument<Payload> = undefined extends Payload
  ? [payload?: Payload]
  : [payload: Payload];
type RequestArguments<Payload> = undefined extends Payload
  ? [payload?: Payload, options?: RequestOptions]
  : [payload: Payload, options?: RequestOptions];

/**
 * A room that this client is in: its state, its messages, and how to leave.
 *
 * It outlives its connections. After a drop it rejoins by itself until it is left or refused
 * for good; this object and every listener stay, and after each rejoin `state` equals the
 * server's. Listeners never see each other's errors, and none runs after its unsubscribe.
 */
export class JoinedRoom<Room> {
  readonly #session: RoomSession;

  constructor(session: RoomSession) {
    this.#session = session;
  }

  get name(): string {
    return this.#session.name;
  }

  /** Changes when a rejoin landed in another instance of the room. */
  get roomId(): string {
    return this.#session.roomId;
  }

  /** Stays while the server holds our seat; another one after a rejoin that came too late. */
  get sessionId(): string {
    return this.#session.sessionId;
  }

  /** Who the server says we are. */
  get user(): Identity {
    return this.#session.user;
  }

  /**
   * The room's state, live: read it, never write to it. The same object through every rejoin
   * to the held seat; follow it with `watch`, which knows when it is another one.
   */
  get state(): StateOf<Room> {
    return this.#session.exchange.state as StateOf<Room>;
  }

  get isConnected(): boolean {
    return this.#session.status === "connected";
  }

  get ticksPerSecond(): number {
    return this.#session.exchange.ticksPerSecond;
  }

  /** What has arrived since the join. */
  get traffic(): Traffic {
    return this.#session.exchange.traffic;
  }

  /**
   * Sends a message and resolves with the room's reply; `state` then already holds what was
   * asked for. Rejects with a `SyncError`: the room's own refusal, with `retryAfterMs` where
   * waiting helps, or `timed-out`, `disconnected`, `closed`. While away it waits for the
   * connection, in order; if the connection is lost before the reply, it is sent again and
   * applied once.
   */
  request<Name extends MessageName<Room>>(
    name: Name,
    ...[payload, options]: RequestArguments<PayloadOf<Room, Name>>
  ): Promise<ReplyOf<Room, Name>> {
    const reply = this.#session.exchange.requests.request(name, payload, options?.timeoutMs);
    return reply as Promise<ReplyOf<Room, Name>>;
  }

  /** Like `request`, for callers that do not wait: a refusal goes to `onError`. */
  send<Name extends MessageName<Room>>(
    name: Name,
    ...[payload]: PayloadArgument<PayloadOf<Room, Name>>
  ): void {
    this.#session.exchange.requests.request(name, payload).catch((error: unknown) => {
      if (!(error instanceof SyncError)) throw error;
      this.#session.exchange.events.error.emit(error);
    });
  }

  /**
   * Messages of that type, sent or published by the room; bytes arrive as a `Uint8Array`. Of
   * what the room publishes, nothing is missed while the connection is lost, or `onRecovery`
   * says so.
   */
  onMessage<Payload = unknown>(
    type: string | number,
    listener: (payload: Payload) => void,
  ): Unsubscribe {
    this.#session.exchange.messages.follow();
    return this.#session.exchange.events.onMessage(type, listener as (payload: unknown) => void);
  }

  /**
   * After every reconnect, before what the room published meanwhile: whether that is all
   * there.
   */
  onRecovery(listener: (recovery: Recovery) => void): Unsubscribe {
    this.#session.exchange.messages.follow();
    return this.#session.exchange.events.recovery.on(listener);
  }

  /**
   * A handle of the channel of that name, over this room's connection: what the room's own
   * code publishes arrives with its tick. Throws `topic-invalid` for what is no name.
   */
  channel(name: string, options?: ChannelOptions): Channel {
    return new Channel(name, this.#session, options);
  }

  /** After every applied patch or full state. */
  onStateChange(listener: (state: StateOf<Room>) => void): Unsubscribe {
    return this.#session.exchange.events.stateChange.on(listener as (state: unknown) => void);
  }

  /**
   * Runs `observer` now, and again with the new state object whenever a rejoin landed in a
   * new instance of the room. What it returns is called before the next run, at the end of
   * the room, and by the unsubscribe; what it registered with `callbacks` ends by itself.
   */
  watch(
    observer: (
      state: StateOf<Room>,
      callbacks: StateCallbacks<StateOf<Room>>,
    ) => void | (() => void),
  ): Unsubscribe {
    return this.#session.exchange.observers.add(observer as unknown as StateObserver);
  }

  /** The connection was lost: once per loss, however many attempts it takes to return. */
  onDrop(listener: () => void): Unsubscribe {
    return this.#session.exchange.events.drop.on(listener);
  }

  /** Back in the room, with its state applied. */
  onRejoin(listener: () => void): Unsubscribe {
    return this.#session.exchange.events.rejoin.on(listener);
  }

  /** The end, once: `code` is a close code. Nothing comes after it. */
  onLeave(listener: (code: number, reason: string) => void): Unsubscribe {
    return this.#session.exchange.events.leave.on(listener);
  }

  /** Refused `send`s, errors that the room reports, and why the room ended if not on purpose. */
  onError(listener: (error: SyncError) => void): Unsubscribe {
    return this.#session.exchange.events.error.on(listener);
  }

  /**
   * Compares `state` with the room's. Resolves with true when they are the same; else fetches
   * the room's state, counts that in `traffic.resyncs`, and resolves with false once `state`
   * is right again. Rejects like a request: the room takes ten of these in ten seconds.
   */
  verifyState(): Promise<boolean> {
    return this.#session.exchange.verifier.verify();
  }

  /** The round trip to the room in milliseconds. Rejects with `disconnected` while away. */
  ping(): Promise<number> {
    return this.#session.ping();
  }

  /** Leaves for good. Resolves when the server has let us go, or after 2 s at most. */
  leave(): Promise<void> {
    return this.#session.leave();
  }
}

import { Emitter, type Unsubscribe } from "../shared/emitter.ts";
import { SyncError } from "../shared/errors.ts";
import { LEAVE_TIMEOUT_MS } from "../shared/limits.ts";
import { HUB_ROOM } from "../shared/protocol/channel-messages.ts";
import type { Identity } from "../shared/protocol/hello.ts";
import type { JoinOptionsOf, RoomOf, ServerType } from "../shared/room-types.ts";
import { Channel, type ChannelCarrier, type ChannelOptions } from "./channels/channel.ts";
import { HubRoom } from "./channels/hub-room.ts";
import type { SessionChannels } from "./channels/session-channels.ts";
import type { ConnectionParts } from "./connection/connection-parts.ts";
import {
  type ConnectionStatus,
  type DisconnectReason,
  overallStatus,
} from "./connection/connection-status.ts";
import type { GuestToken } from "./connection/guest-token.ts";
import { StatusBoard } from "./connection/status-board.ts";
import { JoinedRoom } from "./joined-room.ts";
import { RoomSession } from "./room-session.ts";

/** Names of the rooms that a server has. */
export type RoomName<Server extends ServerType> = Extract<keyof Server["~rooms"], string>;

/** Options may be left out where none is required. */
type JoinArguments<Options> =
  Record<string, never> extends Options ? [options?: Options] : [options: Options];

/**
 * One client of one server. Made by `connect`, which does no more than that: the first
 * `join` is the first thing that reaches for the network.
 */
export class RealtimeClient<Server extends ServerType> implements ChannelCarrier {
  readonly #parts: ConnectionParts;
  readonly #token: GuestToken;
  readonly #board = new StatusBoard();
  readonly #lost = new Emitter<[reason: DisconnectReason]>();
  readonly #givenUp = new Emitter<[error: SyncError]>();
  readonly #outdated = new Emitter<[error: SyncError]>();
  readonly #userChanged = new Emitter<[user: Identity]>();
  readonly #sessions = new Set<RoomSession>();
  readonly #hub = new HubRoom(() => this.#openSession(HUB_ROOM));
  #user: Identity | undefined;
  #isDisconnected = false;
  #leaving: Promise<void>[] = [];

  constructor(parts: ConnectionParts, token: GuestToken) {
    this.#parts = parts;
    this.#token = token;
  }

  get status(): ConnectionStatus {
    return this.#board.status;
  }

  /** Whether `disconnect` was called, and `connect` not since. */
  get isDisconnected(): boolean {
    return this.#isDisconnected;
  }

  /** Who the server says we are; undefined before the first join. The same object until it changes. */
  get user(): Identity | undefined {
    return this.#user;
  }

  /** Every change of `user`, the first one included. */
  onUserChange(listener: (user: Identity) => void): Unsubscribe {
    return this.#userChanged.on(listener);
  }

  /** What carries the channels of this client, over a connection that is opened when it is used. */
  get channels(): SessionChannels {
    return this.#hub.channels;
  }

  /**
   * Joins the room of that name, or creates it, and resolves when its first state is there.
   * Rejects with a `SyncError` that says why not: refused, full, unknown, unreachable, too
   * slow, or another version. The first join is not repeated by itself; rejoins are.
   */
  async join<Name extends RoomName<Server>>(
    name: Name,
    ...[options]: JoinArguments<JoinOptionsOf<RoomOf<Server, Name>>>
  ): Promise<JoinedRoom<RoomOf<Server, Name>>> {
    if (this.#isDisconnected) {
      throw new SyncError("closed", `cannot join "${name}": this client was disconnected`);
    }
    const session = this.#openSession(name, options);
    try {
      await session.join();
    } catch (error) {
      if (error instanceof SyncError && error.code === "version-mismatch") {
        this.#handleOutdated(error, session);
      }
      throw error;
    }
    return new JoinedRoom(session);
  }

  /**
   * A handle of the channel of that name, with listeners of its own, over the client's own
   * connection for channels; that is opened by the first handle that needs it. Throws
   * `topic-invalid` for what is no name.
   */
  channel(name: string, options?: ChannelOptions): Channel {
    return new Channel(name, this, options);
  }

  /**
   * Opens the connection for channels, which they would otherwise do. Resolves when it
   * stands, however long that takes; rejects when it is refused for good. After
   * `disconnect` it makes this client usable again.
   */
  async connect(): Promise<void> {
    this.#isDisconnected = false;
    await this.#hub.connect();
  }

  /** Every change of `status`; a new listener hears the present one first, in a microtask. */
  onStatusChange(listener: (status: ConnectionStatus) => void): Unsubscribe {
    return this.#board.onChange(listener);
  }

  /** Once for each time that being `connected` ended by a loss or by `disconnect`. */
  onDisconnect(listener: (reason: DisconnectReason) => void): Unsubscribe {
    return this.#lost.on(listener);
  }

  /**
   * A room, or the connection for channels, was given up: as many attempts in a row failed as
   * `reconnect.maxAttempts` allows. Where it was the last one the client is `disconnected`;
   * `join` and `connect` begin anew.
   */
  onMaxRetriesExceeded(listener: (error: SyncError) => void): Unsubscribe {
    return this.#givenUp.on(listener);
  }

  /**
   * The server no longer goes with this page, which is older: reload it. A join of the newer
   * page, in the same tab and with the same room name and options, gets the seat that this
   * one had. May be told more than once.
   */
  onOutdated(listener: (error: SyncError) => void): Unsubscribe {
    return this.#outdated.on(listener);
  }

  /**
   * The token of every join and rejoin from now on. Where a connection stands the server is
   * shown it at once, and looks again at what its user may hear; if it is refused, the
   * `onError` of rooms and channels says so.
   */
  setToken(token: string): void {
    this.#token.use(token);
    for (const session of this.#sessions) session.authenticate(token);
  }

  /**
   * Leaves every room and channel and ends every join under way, at once and for good:
   * nothing comes back to life, whatever was scheduled, unless `connect` is called.
   */
  disconnect(): void {
    if (this.#isDisconnected) return;
    this.#isDisconnected = true;
    this.#leaving = [...this.#sessions].map((session) => session.leaveNow());
    this.#setStatus("disconnected", "client");
  }

  /** Resolves when the server knows of the latest `disconnect`, or does not answer for 2 s. */
  get left(): Promise<void> {
    return new Promise((resolve) => {
      const cancelTimer = this.#parts.clock.schedule(LEAVE_TIMEOUT_MS, resolve);
      const known = (): void => {
        cancelTimer();
        resolve();
      };
      Promise.all(this.#leaving).then(known, known);
    });
  }

  #handleStatus(session: RoomSession): void {
    if (session.status === "ended") this.#sessions.delete(session);
    const hasNewUser = session.status === "connected" && !isSameUser(session.user, this.#user);
    if (hasNewUser) this.#user = session.user;
    if (!this.#isDisconnected) {
      const whenNone = session.isLeft ? "idle" : "disconnected";
      this.#setStatus(overallStatus(this.#sessionStatuses(), whenNone), session.lostBy);
    }
    if (hasNewUser) this.#userChanged.emit(session.user);
    const { endedBy } = session;
    if (endedBy?.code === "unreachable") this.#givenUp.emit(endedBy);
    if (endedBy?.code === "version-mismatch") this.#handleOutdated(endedBy, session);
  }

  #handleOutdated(error: SyncError, session: RoomSession): void {
    if (this.#isDisconnected) return;
    const sessions = new Set([session, ...this.#sessions]);
    this.#parts.keptSeats.keep([...sessions].flatMap(({ seatToKeep }) => seatToKeep ?? []));
    this.#outdated.emit(error);
  }

  #setStatus(status: ConnectionStatus, lostBy: DisconnectReason): void {
    const isLoss = status === "reconnecting" || status === "disconnected";
    const wasConnected = this.#board.status === "connected";
    this.#board.set(status);
    if (wasConnected && isLoss) this.#lost.emit(lostBy);
  }

  #openSession(name: string, options?: unknown): RoomSession {
    const session: RoomSession = new RoomSession(this.#parts, name, options, () =>
      this.#handleStatus(session),
    );
    if (this.#isDisconnected) {
      void session.leaveNow();
    } else {
      this.#sessions.add(session);
      this.#board.set(overallStatus(this.#sessionStatuses(), "idle"));
    }
    return session;
  }

  #sessionStatuses(): SessionStatuses {
    return [...this.#sessions].map((session) => session.status);
  }
}

function isSameUser(one: Identity, other: Identity | undefined): boolean {
  return one.id === other?.id && one.name === other.name && one.role === other.role;
}

type SessionStatuses = RoomSession["status"][];

import { SyncError } from "../shared/errors.ts";
import { DEFAULT_TICKS_PER_SECOND } from "../shared/limits.ts";
import { CHANNEL_NEWS_TYPE } from "../shared/protocol/channel-messages.ts";
import type { Identity } from "../shared/protocol/hello.ts";
import { RoomMessages } from "./channels/room-messages.ts";
import { SessionChannels } from "./channels/session-channels.ts";
import { takesIntents } from "./connection/check-hello.ts";
import type { ConnectionParts } from "./connection/connection-parts.ts";
import type { DisconnectReason } from "./connection/connection-status.ts";
import type { EnteredRoom } from "./connection/room-entry.ts";
import { TokenRenewal } from "./connection/token-renewal.ts";
import { TrafficCounter } from "./connection/traffic.ts";
import type { ServerFrame, StateFrame } from "./protocol/server-frame.ts";
import { RoomEvents } from "./room-events.ts";
import { RoomRequests } from "./room-requests.ts";
import { RoomObservers } from "./state/room-observers.ts";
import { StateVerifier } from "./state/state-verifier.ts";

/** What a client and its room tell each other, over one connection after the other. */
export class RoomExchange {
  readonly events = new RoomEvents();
  readonly observers = new RoomObservers();
  readonly traffic = new TrafficCounter();
  readonly requests: RoomRequests;
  readonly channels: SessionChannels;
  readonly messages: RoomMessages;
  readonly verifier: StateVerifier;
  readonly #renewal: TokenRenewal;
  #entered: EnteredRoom | undefined;
  #user: Identity | undefined;

  /** `onUser`: the server knows us as another user on the connection that stands. */
  constructor(parts: ConnectionParts, onUser: () => void) {
    this.requests = new RoomRequests(parts.intentIds, parts.clock);
    this.channels = new SessionChannels({ ...parts, requests: this.requests });
    this.messages = new RoomMessages(this.channels, this.events);
    this.#renewal = new TokenRenewal(this.requests, {
      renewed: (user) => {
        this.#user = user;
        onUser();
      },
      refused: (error) => this.events.error.emit(error),
    });
    this.verifier = new StateVerifier({
      clock: parts.clock,
      random: parts.random,
      requests: this.requests,
      decoder: () => this.#entered?.decoder,
      everyMs: parts.verifyStateEveryMs,
      onResync: () => this.traffic.countResync(),
    });
  }

  /** Undefined before the first connection stands. */
  get user(): Identity | undefined {
    return this.#user;
  }

  get ticksPerSecond(): number {
    return this.#entered?.hello?.ticksPerSecond || DEFAULT_TICKS_PER_SECOND;
  }

  get state(): unknown {
    return this.#entered?.decoder?.state;
  }

  /** The token of the connection that stands, or of the next. */
  authenticate(token: string): void {
    this.#renewal.use(token);
  }

  /** This connection stands: what waited goes out. */
  connected(entered: EnteredRoom): void {
    const { socket, decoder, hello, seat } = entered;
    const user = hello?.user ?? seat.user;
    this.#entered = entered;
    this.#user = user;
    if (decoder !== undefined) this.observers.follow(decoder);
    this.requests.open((frame) => socket.send(frame), takesIntents(hello));
    this.channels.connected(user?.id ?? seat.sessionId, seat.sessionId);
    this.messages.connected(hello?.stream);
    if (hello !== undefined) this.#renewal.connected();
    if (takesIntents(hello)) this.verifier.start();
  }

  /** The connection is gone: what was under way waits for the next. */
  lost(): void {
    this.verifier.stop();
    this.requests.hold();
    this.channels.lost();
    this.#renewal.lost();
  }

  /** There is no next one: what waits is refused. `error`: what ended it, if nobody wanted to. */
  close(refusal: SyncError, lostBy: DisconnectReason, error: SyncError | undefined): void {
    this.verifier.stop();
    this.requests.close(refusal);
    this.channels.tellLoss(lostBy);
    this.channels.close(error);
    this.observers.clear();
  }

  handleFrame(frame: ServerFrame): void {
    switch (frame.kind) {
      case "state":
      case "patch":
        this.#handleState(frame);
        return;
      case "message":
        if (frame.type === CHANNEL_NEWS_TYPE) this.channels.handleNews(frame.payload);
        else this.events.emitMessage(frame.type, frame.payload);
        return;
      case "response":
        this.requests.handleResponse(frame);
        return;
      case "error":
        this.events.error.emit(new SyncError("handler-failed", frame.message));
        return;
      case "join":
      case "leave":
      case "pong":
      case "unknown":
        // The session's own, or a newer server's: nothing that is told to anybody.
        return;
    }
  }

  #handleState(frame: StateFrame): void {
    const { decoder, socket } = this.#entered ?? {};
    if (decoder === undefined) return;
    try {
      if (frame.kind === "state") decoder.applyFull(frame.bytes, frame.offset);
      else decoder.applyPatch(frame.bytes, frame.offset);
    } catch (error) {
      socket?.lose(error as SyncError);
      return;
    }
    this.events.stateChange.emit(decoder.state);
  }
}

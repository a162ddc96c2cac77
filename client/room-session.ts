import { Protocol } from "@colyseus/shared-types";
import { reportListenerError, type Unsubscribe } from "../shared/emitter.ts";
import { SyncError } from "../shared/errors.ts";
import { DEFAULT_TICKS_PER_SECOND, LEAVE_TIMEOUT_MS } from "../shared/limits.ts";
import { CloseCode, isFinalCloseCode } from "../shared/protocol/close-codes.ts";
import type { Identity } from "../shared/protocol/hello.ts";
import { CHANNEL_NEWS_TYPE } from "../shared/protocol/channel-messages.ts";
import { RoomMessages } from "./channels/room-messages.ts";
import { SessionChannels } from "./channels/session-channels.ts";
import { takesIntents } from "./connection/check-hello.ts";
import type { ConnectionParts } from "./connection/connection-parts.ts";
import type { DisconnectReason, SessionStatus } from "./connection/connection-status.ts";
import type { KeptSeat } from "./connection/kept-seats.ts";
import { endedByClose, isLastingRefusal } from "./connection/refusal.ts";
import { type AttemptOutcome, Rejoin } from "./connection/rejoin.ts";
import { RoomDoor } from "./connection/room-door.ts";
import type { EnteredRoom } from "./connection/room-entry.ts";
import type { RoomSocketListener } from "./connection/room-socket.ts";
import { TokenRenewal } from "./connection/token-renewal.ts";
import { TrafficCounter } from "./connection/traffic.ts";
import { encodeCode } from "./protocol/encode-frame.ts";
import type { ServerFrame, StateFrame } from "./protocol/server-frame.ts";
import { RoomEvents } from "./room-events.ts";
import { RoomRequests } from "./room-requests.ts";
import { RoomObservers } from "./state/room-observers.ts";
import { StateVerifier } from "./state/state-verifier.ts";

/** Close codes that the server sends to everybody at once. */
const IS_ANNOUNCED: ReadonlySet<number> = new Set([CloseCode.SERVER_SHUTDOWN, CloseCode.REJOIN]);

/** One place in one room, from the join to the end, over as many connections as it takes. */
export class RoomSession implements RoomSocketListener {
  readonly name: string;
  readonly events = new RoomEvents();
  readonly observers = new RoomObservers();
  readonly traffic = new TrafficCounter();
  readonly requests: RoomRequests;
  readonly channels: SessionChannels;
  readonly messages: RoomMessages;
  readonly verifier: StateVerifier;
  /** Why it ended, if not on purpose: given up (`unreachable`), outdated, or refused. */
  endedBy: SyncError | undefined;
  readonly #parts: ConnectionParts;
  readonly #door: RoomDoor;
  readonly #rejoin: Rejoin;
  readonly #renewal: TokenRenewal;
  readonly #abort = new AbortController();
  readonly #onStatus: () => void;
  #status: SessionStatus = "connecting";
  #entered: EnteredRoom | undefined;
  #user: Identity | undefined;
  #lostBy: DisconnectReason = "client";
  #isLeft = false;
  #leaving: Promise<void> | undefined;
  #settleJoin: (error?: SyncError) => void = () => undefined;
  #handleLeft: () => void = () => undefined;
  #stopProbing: Unsubscribe = () => undefined;

  constructor(parts: ConnectionParts, name: string, options: unknown, onStatus: () => void) {
    this.name = name;
    this.#parts = parts;
    this.#onStatus = onStatus;
    this.#door = new RoomDoor(parts, name, options, this.traffic);
    this.requests = new RoomRequests(parts.intentIds, parts.clock);
    this.channels = new SessionChannels({ ...parts, requests: this.requests });
    this.messages = new RoomMessages(this.channels, this.events);
    this.#renewal = new TokenRenewal(this.requests, {
      renewed: (user) => {
        this.#user = user;
        this.#onStatus();
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
    this.#rejoin = new Rejoin({
      ...parts,
      attempt: () => this.#tryRejoin(),
      giveUp: (attempts) => this.#giveUp(attempts),
    });
  }

  get status(): SessionStatus {
    return this.#status;
  }

  /** Whether somebody here wanted the end: `leave()` or the client's `disconnect()`. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** What ended the latest connection. */
  get lostBy(): DisconnectReason {
    return this.#lostBy;
  }

  /** What a newer page needs to sit where we do; undefined: we sit nowhere, or want nothing. */
  get seatToKeep(): KeptSeat | undefined {
    return this.#entered && !this.#isLeft ? this.#door.seatToKeep(this.#entered) : undefined;
  }

  get roomId(): string {
    return this.#entered?.seat.roomId ?? "";
  }

  get sessionId(): string {
    return this.#entered?.seat.sessionId ?? "";
  }

  get user(): Identity {
    return this.#user ?? { id: this.sessionId, name: "" };
  }

  get ticksPerSecond(): number {
    return this.#entered?.hello?.ticksPerSecond || DEFAULT_TICKS_PER_SECOND;
  }

  get state(): unknown {
    return this.#entered?.decoder?.state;
  }

  /** Resolves when the first state is applied; rejects, and is over, when that fails. */
  async join(): Promise<void> {
    try {
      this.#attach(await this.#door.enter(this.#abort.signal));
    } catch (error) {
      this.#end(CloseCode.CONSENTED, "the join failed");
      throw error;
    }
    const socket = this.#entered?.socket;
    // What the room sent in the same breath as its state is for listeners that the caller
    // adds as soon as this promise resolves, so it waits until that code has run.
    this.#parts.clock.schedule(0, () => {
      this.messages.settled();
      socket?.listen(this);
    });
  }

  /** Like `join`, again and again until the room is there or refuses us for good. */
  joinPatiently(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settleJoin = (error) => (error === undefined ? resolve() : reject(error));
      if (this.#status !== "ended") this.#rejoin.begin();
      else reject(new SyncError("closed", `room "${this.name}" was left`));
    });
  }

  /** The token of this connection from now on, and of every rejoin. */
  authenticate(token: string): void {
    if (this.#status !== "ended") this.#renewal.use(token);
  }

  ping(): Promise<number> {
    const socket = this.#status === "connected" ? this.#entered?.socket : undefined;
    if (socket !== undefined) return socket.ping();
    return Promise.reject(new SyncError("disconnected", "cannot ping while disconnected"));
  }

  /** Tells the server and waits for it, though not for long; then nothing runs any more. */
  leave(): Promise<void> {
    this.#isLeft = true;
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  /** Leaves at once; resolves when the server knows. */
  leaveNow(): Promise<void> {
    this.#isLeft = true;
    const socket = this.#status === "connected" ? this.#entered?.socket : undefined;
    socket?.send(encodeCode(Protocol.LEAVE_ROOM));
    this.#end(CloseCode.CONSENTED, "left");
    return socket?.closed ?? Promise.resolve();
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
      case "leave":
        this.#end(CloseCode.CONSENTED, "the server ended the session");
        return;
      case "join":
      case "pong":
      case "unknown":
        // Handshakes and codes of newer servers change nothing in a running session.
        return;
    }
  }

  handleClose(code: number, reason: string, cause?: SyncError): void {
    if (this.#status === "ended") return;
    if (this.#isLeft) this.#handleLeft();
    else if (isFinalCloseCode(code)) this.#end(code, reason, endedByClose(code, reason));
    else this.#drop(code, cause);
  }

  #attach(entered: EnteredRoom): void {
    if (this.#abort.signal.aborted) {
      entered.socket.close(CloseCode.CONSENTED, "left");
      throw new SyncError("closed", "the join was given up");
    }
    const { socket, decoder, hello, seat } = entered;
    this.#entered = entered;
    this.#user = hello?.user ?? seat.user;
    this.#rejoin.connected();
    this.#stopProbing = this.#parts.wakeSignals.onWake(() => socket.probe());
    if (decoder !== undefined) this.observers.follow(decoder);
    this.requests.open((frame) => socket.send(frame), takesIntents(hello));
    this.channels.connected(this.user.id, seat.sessionId);
    this.messages.connected(hello?.stream);
    if (hello !== undefined) this.#renewal.connected();
    if (takesIntents(hello)) this.verifier.start();
    this.#setStatus("connected");
    this.#settleJoin();
  }

  #handleState(frame: StateFrame): void {
    const decoder = this.#entered?.decoder;
    if (decoder === undefined) return;
    try {
      if (frame.kind === "state") decoder.applyFull(frame.bytes, frame.offset);
      else decoder.applyPatch(frame.bytes, frame.offset);
    } catch (error) {
      this.#entered?.socket.lose(error as SyncError);
      return;
    }
    this.events.stateChange.emit(decoder.state);
  }

  #drop(code: number, cause: SyncError | undefined): void {
    this.#door.lost(code);
    this.#stopProbing();
    this.verifier.stop();
    this.requests.hold();
    this.channels.lost();
    this.#renewal.lost();
    const isAnnounced = IS_ANNOUNCED.has(code);
    this.#lostBy = isAnnounced ? "server" : "network";
    this.#rejoin.start(isAnnounced);
    this.#setStatus("reconnecting");
    this.channels.tellLoss(this.#lostBy);
    this.events.drop.emit();
    if (cause !== undefined) this.events.error.emit(cause);
  }

  async #tryRejoin(): Promise<AttemptOutcome> {
    const known = this.#entered;
    const { signal } = this.#abort;
    try {
      const entered = await (known ? this.#door.reenter(known, signal) : this.#door.enter(signal));
      this.#attach(entered);
      if (known !== undefined) this.#tellRejoin(entered);
      this.messages.settled();
      entered.socket.listen(this);
      return "done";
    } catch (error) {
      return this.#handleFailedRejoin(error);
    }
  }

  #tellRejoin({ decoder }: EnteredRoom): void {
    if (decoder !== undefined) this.events.stateChange.emit(decoder.state);
    this.events.rejoin.emit();
  }

  #handleFailedRejoin(error: unknown): AttemptOutcome {
    if (this.#status === "ended") return "done";
    if (!(error instanceof SyncError)) {
      // Ours to mend, but no reason to leave the player between rooms.
      reportListenerError(error);
      return { retryAfterMs: 0 };
    }
    this.channels.trouble = error;
    const isLasting = isLastingRefusal(error, this.#entered !== undefined);
    if (!isLasting) return { retryAfterMs: error.retryAfterMs ?? 0 };
    const { VERSION_MISMATCH, FAILED_TO_RECONNECT } = CloseCode;
    const code = error.code === "version-mismatch" ? VERSION_MISMATCH : FAILED_TO_RECONNECT;
    this.#end(code, error.message, error);
    return "done";
  }

  #giveUp(attempts: number): void {
    const text = `"${this.name}" is out of reach: given up after ${attempts} attempts to come back`;
    this.#end(CloseCode.FAILED_TO_RECONNECT, text, new SyncError("unreachable", text));
  }

  async #leave(): Promise<void> {
    const socket = this.#entered?.socket;
    if (this.#status === "connected" && socket?.send(encodeCode(Protocol.LEAVE_ROOM)) === true) {
      await new Promise<void>((resolve) => {
        const cancel = this.#parts.clock.schedule(LEAVE_TIMEOUT_MS, resolve);
        this.#handleLeft = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#end(CloseCode.CONSENTED, "left");
  }

  #end(code: number, reason: string, error?: SyncError): void {
    if (this.#status === "ended") return;
    this.#lostBy = this.#isLeft ? "client" : "kicked";
    this.endedBy = error;
    this.#setStatus("ended");
    this.#abort.abort();
    this.#rejoin.stop();
    this.#stopProbing();
    this.verifier.stop();
    this.#handleLeft();
    this.#entered?.socket.close(CloseCode.CONSENTED, "left");
    const closed = new SyncError("closed", `room "${this.name}" is over: ${reason}`);
    this.requests.close(closed);
    this.#settleJoin(error ?? closed);
    this.channels.tellLoss(this.#lostBy);
    this.channels.close(error);
    this.observers.clear();
    if (error !== undefined) this.events.error.emit(error);
    if (this.#entered !== undefined) this.events.leave.emit(code, reason);
    this.events.clear();
  }

  #setStatus(status: SessionStatus): void {
    this.#status = status;
    this.#onStatus();
  }
}

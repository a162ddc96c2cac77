import { Protocol } from "@colyseus/shared-types";
import type { CancelTimer } from "../shared/clock.ts";
import { reportListenerError, type Unsubscribe } from "../shared/emitter.ts";
import { SyncError } from "../shared/errors.ts";
import { LEAVE_TIMEOUT_MS } from "../shared/limits.ts";
import { CloseCode, isFinalCloseCode } from "../shared/protocol/close-codes.ts";
import type { Identity } from "../shared/protocol/hello.ts";
import type { SessionChannels } from "./channels/session-channels.ts";
import type { ConnectionParts } from "./connection/connection-parts.ts";
import type { DisconnectReason, SessionStatus } from "./connection/connection-status.ts";
import type { KeptSeat } from "./connection/kept-seats.ts";
import { endedByClose, isLastingRefusal } from "./connection/refusal.ts";
import { type AttemptOutcome, Rejoin } from "./connection/rejoin.ts";
import { RoomDoor } from "./connection/room-door.ts";
import type { EnteredRoom } from "./connection/room-entry.ts";
import type { RoomSocket, RoomSocketListener } from "./connection/room-socket.ts";
import { encodeCode } from "./protocol/encode-frame.ts";
import type { ServerFrame } from "./protocol/server-frame.ts";
import { RoomExchange } from "./room-exchange.ts";

/** Close codes that the server sends to everybody at once. */
const IS_ANNOUNCED: ReadonlySet<number> = new Set([CloseCode.SERVER_SHUTDOWN, CloseCode.REJOIN]);

/** One place in one room, from the join to the end, over as many connections as it takes. */
export class RoomSession implements RoomSocketListener {
  readonly name: string;
  readonly exchange: RoomExchange;
  /** Why it ended, if not on purpose: given up (`unreachable`), outdated, or refused. */
  endedBy: SyncError | undefined;
  readonly #parts: ConnectionParts;
  readonly #door: RoomDoor;
  readonly #rejoin: Rejoin;
  readonly #abort = new AbortController();
  readonly #onStatus: () => void;
  #status: SessionStatus = "connecting";
  #entered: EnteredRoom | undefined;
  #lostBy: DisconnectReason = "client";
  #isLeft = false;
  readonly #over = Promise.withResolvers<void>();
  #settleJoin: (error?: SyncError) => void = () => undefined;
  #cancelLeaving: CancelTimer = () => undefined;
  #stopProbing: Unsubscribe = () => undefined;

  constructor(parts: ConnectionParts, name: string, options: unknown, onStatus: () => void) {
    this.name = name;
    this.#parts = parts;
    this.#onStatus = onStatus;
    this.exchange = new RoomExchange(parts, onStatus);
    this.#door = new RoomDoor(parts, name, options, this.exchange.traffic);
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
    return this.exchange.user ?? { id: this.sessionId, name: "" };
  }

  get channels(): SessionChannels {
    return this.exchange.channels;
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
      this.exchange.messages.settled();
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
    if (this.#status !== "ended") this.exchange.authenticate(token);
  }

  ping(): Promise<number> {
    const pong = this.#socket?.ping();
    if (pong !== undefined) return pong;
    return Promise.reject(new SyncError("disconnected", "cannot ping while disconnected"));
  }

  /** Tells the server and waits for it, though not for long; then nothing runs any more. */
  leave(): Promise<void> {
    if (!this.#isLeft) this.#leave();
    return this.#over.promise;
  }

  /** Leaves at once; resolves when the server knows. */
  leaveNow(): Promise<void> {
    this.#isLeft = true;
    const socket = this.#socket;
    socket?.send(encodeCode(Protocol.LEAVE_ROOM));
    this.#end(CloseCode.CONSENTED, "left");
    return socket?.closed ?? Promise.resolve();
  }

  handleFrame(frame: ServerFrame): void {
    if (frame.kind === "leave") this.#end(CloseCode.CONSENTED, "the server ended the session");
    else this.exchange.handleFrame(frame);
  }

  handleClose(code: number, reason: string, cause?: SyncError): void {
    if (this.#status === "ended") return;
    if (this.#isLeft) this.#end(CloseCode.CONSENTED, "left");
    else if (isFinalCloseCode(code)) this.#end(code, reason, endedByClose(code, reason));
    else this.#drop(code, cause);
  }

  /** The connection that stands. */
  get #socket(): RoomSocket | undefined {
    return this.#status === "connected" ? this.#entered?.socket : undefined;
  }

  #attach(entered: EnteredRoom): void {
    if (this.#abort.signal.aborted) {
      entered.socket.close(CloseCode.CONSENTED, "left");
      throw new SyncError("closed", "the join was given up");
    }
    const { socket } = entered;
    this.#entered = entered;
    this.#rejoin.connected();
    this.#stopProbing = this.#parts.wakeSignals.onWake(() => socket.probe());
    this.exchange.connected(entered);
    this.#setStatus("connected");
    this.#settleJoin();
  }

  #drop(code: number, cause: SyncError | undefined): void {
    this.#door.lost(code);
    this.#stopProbing();
    this.exchange.lost();
    const isAnnounced = IS_ANNOUNCED.has(code);
    this.#lostBy = isAnnounced ? "server" : "network";
    this.#rejoin.start(isAnnounced);
    this.#setStatus("reconnecting");
    const { channels, events } = this.exchange;
    channels.tellLoss(this.#lostBy);
    events.drop.emit();
    if (cause !== undefined) events.error.emit(cause);
  }

  async #tryRejoin(): Promise<AttemptOutcome> {
    const known = this.#entered;
    const { signal } = this.#abort;
    try {
      const entered = await (known ? this.#door.reenter(known, signal) : this.#door.enter(signal));
      this.#attach(entered);
      if (known !== undefined) this.#tellRejoin(entered);
      this.exchange.messages.settled();
      entered.socket.listen(this);
      return "done";
    } catch (error) {
      return this.#handleFailedRejoin(error);
    }
  }

  #tellRejoin({ decoder }: EnteredRoom): void {
    const { events } = this.exchange;
    if (decoder !== undefined) events.stateChange.emit(decoder.state);
    events.rejoin.emit();
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

  #leave(): void {
    this.#isLeft = true;
    const end = (): void => this.#end(CloseCode.CONSENTED, "left");
    const isTold = this.#socket?.send(encodeCode(Protocol.LEAVE_ROOM)) === true;
    if (isTold) this.#cancelLeaving = this.#parts.clock.schedule(LEAVE_TIMEOUT_MS, end);
    else end();
  }

  #end(code: number, reason: string, error?: SyncError): void {
    if (this.#status === "ended") return;
    this.#lostBy = this.#isLeft ? "client" : "kicked";
    this.endedBy = error;
    this.#setStatus("ended");
    this.#abort.abort();
    this.#rejoin.stop();
    this.#stopProbing();
    this.#cancelLeaving();
    this.#entered?.socket.close(CloseCode.CONSENTED, "left");
    const closed = new SyncError(
      "closed",
      `room "${this.name}" is over: ${reason || `code ${code}`}`,
    );
    this.exchange.close(closed, this.#lostBy, error);
    this.#settleJoin(error ?? closed);
    const { events } = this.exchange;
    if (error !== undefined) events.error.emit(error);
    if (this.#entered !== undefined) events.leave.emit(code, reason);
    events.clear();
    this.#over.resolve();
  }

  #setStatus(status: SessionStatus): void {
    this.#status = status;
    this.#onStatus();
  }
}

import { Protocol } from "@colyseus/shared-types";
import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { JOIN_STEP_TIMEOUT_MS } from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { type Hello, HELLO_TYPE } from "../../shared/protocol/hello.ts";
import { encodeCode } from "../protocol/encode-frame.ts";
import type { JoinFrame, ServerFrame } from "../protocol/server-frame.ts";
import { StateDecoder } from "../state/state-decoder.ts";
import { checkHello } from "./check-hello.ts";
import { refusedByClose, refusedByFrame } from "./refusal.ts";
import type { RoomSocket, RoomSocketListener } from "./room-socket.ts";
import type { Seat } from "./seat.ts";

/** What a connection has become once the room's first state is applied. */
export interface EnteredRoom {
  readonly seat: Seat;
  readonly socket: RoomSocket;
  readonly reconnectionToken: string;
  /** Undefined when the server is a plain Colyseus one, which says no hello. */
  readonly hello: Hello | undefined;
  /** Undefined when the room has no synced state. */
  readonly decoder: StateDecoder | undefined;
}

/** What the client brings along from the connection before. */
export interface HeldRoom {
  /** Schema hash that this page was built against, as far as it knows. */
  readonly schema: string | undefined;
  /** Build of this page, as far as it knows. */
  readonly build: string | undefined;
  /** State of the very same seat, to be brought up to date in place. */
  readonly decoder: StateDecoder | undefined;
}

/**
 * From an opening connection to the first state: hello, handshake, acknowledgement, state.
 * Each step has its time. When it is done the socket waits for its next listener, so that
 * no frame behind the state is lost.
 */
export class RoomEntry implements RoomSocketListener {
  readonly done: Promise<EnteredRoom>;
  readonly #socket: RoomSocket;
  readonly #seat: Seat;
  readonly #held: HeldRoom;
  readonly #clock: Clock;
  #hello: Hello | undefined;
  #join: JoinFrame | undefined;
  #decoder: StateDecoder | undefined;
  #cancelTimer: CancelTimer = () => undefined;
  #resolve!: (entered: EnteredRoom) => void;
  #reject!: (error: SyncError) => void;

  constructor(socket: RoomSocket, seat: Seat, held: HeldRoom, clock: Clock) {
    this.#socket = socket;
    this.#seat = seat;
    this.#held = held;
    this.#clock = clock;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#expect("the connection and the handshake");
    socket.listen(this);
  }

  handleFrame(frame: ServerFrame): void {
    try {
      this.#handle(frame);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      this.#socket.lose(error);
    }
  }

  handleClose(code: number, reason: string, cause?: SyncError): void {
    this.#cancelTimer();
    this.#reject(cause ?? refusedByClose(code, reason));
  }

  /** Ends it because nobody wants it any more. */
  abandon(): void {
    this.#socket.send(encodeCode(Protocol.LEAVE_ROOM));
    this.#refuse(CloseCode.CONSENTED, new SyncError("closed", "the join was given up"));
  }

  #handle(frame: ServerFrame): void {
    switch (frame.kind) {
      case "message":
        if (frame.type === HELLO_TYPE) this.#handleHello(frame.payload);
        return;
      case "join":
        this.#handleJoin(frame);
        return;
      case "state":
        // Stock rooms may send one early, to everybody; ours is the one behind the handshake.
        if (this.#join === undefined) return;
        this.#decoder?.applyFull(frame.bytes, frame.offset);
        this.#finish(this.#join);
        return;
      case "error":
        this.#refuse(CloseCode.CONSENTED, refusedByFrame(frame.code, frame.message));
        return;
      case "leave":
        this.#refuse(CloseCode.CONSENTED, refusedByClose(CloseCode.CONSENTED, ""));
        return;
      case "patch":
      case "response":
      case "pong":
      case "unknown":
        // Before the first state these belong to nobody.
        return;
    }
  }

  #handleHello(payload: unknown): void {
    const hello = checkHello(payload, this.#held);
    if (hello instanceof SyncError) this.#refuse(CloseCode.VERSION_MISMATCH, hello);
    else this.#hello = hello;
  }

  #handleJoin(frame: JoinFrame): void {
    this.#join = frame;
    const hasState = (this.#hello?.hasState ?? true) && frame.serializerId === "schema";
    if (hasState) this.#decoder = this.#held.decoder ?? new StateDecoder(frame.reflection);
    this.#socket.startHeartbeat();
    this.#socket.send(encodeCode(Protocol.JOIN_ROOM));
    if (hasState) this.#expect("the room's state");
    else this.#finish(frame);
  }

  #finish(join: JoinFrame): void {
    this.#cancelTimer();
    this.#socket.listen(undefined);
    this.#resolve({
      seat: this.#seat,
      socket: this.#socket,
      reconnectionToken: join.reconnectionToken,
      hello: this.#hello,
      decoder: this.#decoder,
    });
  }

  #refuse(code: number, error: SyncError): void {
    this.#cancelTimer();
    this.#reject(error);
    this.#socket.close(code, error.code);
  }

  #expect(what: string): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.schedule(JOIN_STEP_TIMEOUT_MS, () => {
      const message = `${what} did not come in ${JOIN_STEP_TIMEOUT_MS} ms`;
      this.#socket.lose(new SyncError("timed-out", message));
    });
  }
}

import { Protocol } from "@colyseus/shared-types";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { HEARTBEAT_TIMEOUT_MS } from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { decodeFrame } from "../protocol/decode-frame.ts";
import { encodeCode } from "../protocol/encode-frame.ts";
import type { ServerFrame } from "../protocol/server-frame.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Pings } from "./pings.ts";
import type { TrafficCounter } from "./traffic.ts";
import { WEB_SOCKET_OPEN, type WebSocketLike } from "./websocket-like.ts";

/** Who hears what happens on a connection. */
export interface RoomSocketListener {
  handleFrame(frame: ServerFrame): void;
  /** The last call there is: the connection has ended. `cause` is our own reason to end it. */
  handleClose(code: number, reason: string, cause?: SyncError): void;
}

/**
 * One WebSocket, from open to close, as decoded frames.
 *
 * - Nothing is lost while nobody listens: frames and the end wait for the next listener.
 * - The end is told once, at once, also when the platform takes its time to close.
 * - Silence and frames that cannot be decoded end it like a lost connection.
 */
export class RoomSocket {
  readonly #socket: WebSocketLike;
  readonly #traffic: TrafficCounter;
  readonly #heartbeat: Heartbeat;
  readonly #pings: Pings;
  #listener: RoomSocketListener | undefined;
  #unheard: ((listener: RoomSocketListener) => void)[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #isEnded = false;

  constructor(socket: WebSocketLike, traffic: TrafficCounter, clock: Clock) {
    this.#socket = socket;
    this.#traffic = traffic;
    this.#pings = new Pings(clock);
    this.#heartbeat = new Heartbeat(clock, {
      ping: () => {
        this.ping().catch(() => undefined);
      },
      dead: () => {
        const silence = `no sign of life from the server for ${HEARTBEAT_TIMEOUT_MS} ms`;
        this.lose(new SyncError("timed-out", silence));
      },
    });
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", (event) => this.#receive(event.data));
    socket.addEventListener("close", (event) => {
      this.#closed.resolve();
      this.#end(event.code, event.reason);
    });
    socket.addEventListener("error", () => undefined);
  }

  /** Resolves when the platform has closed it: the other side knows, or cannot be told. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get isOpen(): boolean {
    return !this.#isEnded && this.#socket.readyState === WEB_SOCKET_OPEN;
  }

  /** Hands over what waited, then everything as it comes. Undefined: let it wait again. */
  listen(listener: RoomSocketListener | undefined): void {
    this.#listener = listener;
    while (this.#listener !== undefined) {
      const tell = this.#unheard.shift();
      if (tell === undefined) return;
      tell(this.#listener);
    }
  }

  /** False when the connection cannot carry it: it was not sent. */
  send(frame: Uint8Array): boolean {
    if (!this.isOpen) return false;
    this.#socket.send(frame as Uint8Array<ArrayBuffer>);
    return true;
  }

  /** Finds the connection dead when it is: on from the moment that the seat is ours. */
  startHeartbeat(): void {
    this.#heartbeat.start();
  }

  /** The round trip in milliseconds; rejects when the connection is gone. */
  ping(): Promise<number> {
    if (!this.send(encodeCode(Protocol.PING))) {
      return Promise.reject(new SyncError("disconnected", "cannot ping while disconnected"));
    }
    return this.#pings.sent();
  }

  /** Asks for a sign of life now, if the heartbeat is on. */
  probe(): void {
    this.#heartbeat.probe();
  }

  close(code: number, reason: string): void {
    if (this.#isEnded) return;
    this.#socket.close(code, reason);
    this.#end(code, reason);
  }

  #receive(data: unknown): void {
    if (this.#isEnded) return;
    this.#heartbeat.heard();
    let frame: ServerFrame;
    try {
      frame = decodeFrame(toBytes(data));
    } catch (error) {
      this.lose(error as SyncError);
      return;
    }
    this.#traffic.count((data as ArrayBuffer).byteLength, frame.kind === "patch");
    if (frame.kind === "pong") this.#pings.answered();
    else this.#tell((listener) => listener.handleFrame(frame));
  }

  /**
   * Ends it like a lost connection, so that the seat is held and the room rejoined: one frame
   * that makes no sense puts every later one in doubt, and only starting over is safe.
   */
  lose(cause: SyncError): void {
    if (this.#isEnded) return;
    this.#socket.close(CloseCode.MAY_TRY_RECONNECT, cause.code);
    this.#end(CloseCode.MAY_TRY_RECONNECT, cause.message, cause);
  }

  #end(code: number, reason: string, cause?: SyncError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#heartbeat.stop();
    this.#pings.rejectAll(new SyncError("disconnected", "the connection ended before the pong"));
    this.#tell((listener) => listener.handleClose(code, reason, cause));
  }

  #tell(tell: (listener: RoomSocketListener) => void): void {
    if (this.#listener === undefined || this.#unheard.length > 0) this.#unheard.push(tell);
    else tell(this.#listener);
  }
}

function toBytes(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new SyncError("frame-malformed", `a frame of ${typeof data} is not one of bytes`);
}

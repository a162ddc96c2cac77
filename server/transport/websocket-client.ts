import type { Client } from "@colyseus/core";
import type { StateView } from "@colyseus/schema";
import { PROTOCOL_CODE_MASK, Protocol } from "@colyseus/shared-types";
import { WebSocketClient } from "@colyseus/ws-transport";
import type { WebSocket } from "ws";
import { MAX_QUEUED_BYTES } from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { noMeter, type Meter } from "../metrics/meter.ts";
import { strengthenReconnectionTokens } from "../rooms/colyseus-internals.ts";
import { SendQueue } from "./send-queue.ts";
import type { Identity } from "../../shared/protocol/hello.ts";

/** What a frame is to a room's tick, in the order in which they leave. */
export const FrameKind = { STATE: 0, MESSAGE: 1, REPLY: 2 } as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Takes a client's frames instead of the socket, until they may leave. */
export interface FrameGate {
  hold(client: RoomClient, kind: FrameKind, frame: Uint8Array): void;
  /** Whether frames of this client still wait in the gate. */
  isHolding(client: RoomClient): boolean;
}

/** What a serializer returns for a frame that it will deliver later: `raw` sends nothing. */
export const NO_FRAME = new Uint8Array(0);

/** A control frame holds 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;

const KIND_OF_CODE = new Map<number, FrameKind>([
  [Protocol.ROOM_STATE, FrameKind.STATE],
  [Protocol.ROOM_STATE_PATCH, FrameKind.STATE],
  [Protocol.ROOM_DATA, FrameKind.MESSAGE],
  [Protocol.ROOM_DATA_BYTES, FrameKind.MESSAGE],
  [Protocol.ROOM_RESPONSE, FrameKind.REPLY],
]);

/** Where a connection comes from, as far as its upgrade says. */
export interface Peer {
  readonly ip?: string;
  readonly userAgent?: string;
}

/** The stream under a socket, which keeps what it is given until it is uncorked. */
export interface Corked {
  cork(): void;
  uncork(): void;
}

/**
 * One participant of a room, with the user the server found behind it.
 *
 * In a `SyncRoom` everything that belongs to a tick (state, messages, replies) goes to the
 * room's gate and leaves with the tick; the rest (the join handshake, pongs, errors) goes
 * out at once. In a plain Colyseus room everything goes out at once.
 */
export class RoomClient extends WebSocketClient {
  // Declared by Colyseus's interface of a client, and missing on its class.
  declare auth?: Client["auth"];
  declare userData?: Client["userData"];
  declare view?: StateView;
  /** Where it connects from. */
  readonly peer: Peer;
  readonly #stream: Corked | undefined;
  readonly #queue: SendQueue;
  #user: Identity;
  readonly #gate: FrameGate | undefined;
  readonly #meter: Meter;
  #closing: { code: number | undefined; reason: string | undefined } | undefined;

  static {
    strengthenReconnectionTokens(RoomClient.prototype);
  }

  constructor(
    sessionId: string,
    socket: WebSocket,
    user: Identity,
    gate?: FrameGate,
    peer: Peer = {},
    stream?: Corked,
    meter: Meter = noMeter,
    maxQueuedBytes = MAX_QUEUED_BYTES,
  ) {
    super(sessionId, socket);
    this.peer = peer;
    this.#stream = stream;
    this.#queue = new SendQueue(socket, maxQueuedBytes, () => this.overflow());
    this.#user = user;
    this.#gate = gate;
    this.#meter = meter;
  }

  /** Who this is: the server's finding, never the client's claim. */
  get user(): Identity {
    return this.#user;
  }

  /** The same user has shown a newer token, which may say more or less about it. */
  renew(user: Identity): void {
    this.#user = user;
  }

  override raw(data: Uint8Array, _options?: unknown, sent?: (error?: Error) => void): void {
    if (data.byteLength === 0) return;
    const kind = KIND_OF_CODE.get(data[0]! & PROTOCOL_CODE_MASK);
    if (this.#gate !== undefined && kind !== undefined) {
      this.#gate.hold(this, kind, data);
      return;
    }
    // Colyseus hands out views of a buffer that it overwrites at its next encode; a socket
    // that is backed up would send the later bytes. A room of ours has copied already.
    const isLiveView = this.#gate === undefined && kind === FrameKind.STATE;
    this.write(isLiveView ? Uint8Array.from(data) : data, sent);
  }

  /** Puts one frame on the socket; a socket that is closing or closed takes nothing. */
  write(frame: Uint8Array, sent?: (error?: Error) => void): void {
    this.#queue.push(frame, sent);
  }

  /** Runs `write`; all that it puts on the socket leaves in one piece. */
  writeTogether(write: () => void): void {
    this.#stream?.cork();
    write();
    this.#stream?.uncork();
  }

  /** Bytes that wait in this process because the peer does not read them. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** Whether so much more may wait: beside a full state, or another large frame, as much as ever. */
  canHold(byteLength: number): boolean {
    return this.#queue.canHold(byteLength);
  }

  /** Gives up on a peer that does not read what it is sent: it comes back and recovers. */
  overflow(): void {
    if (this.ref.readyState === this.ref.OPEN) this.#meter.cut();
    this.ref.close(CloseCode.TOO_SLOW, "the connection is too slow for what it is sent");
  }

  /**
   * Closes the connection, behind what the gate still holds for it. Throws `RangeError` for
   * a code that no close frame may carry.
   */
  override leave(code?: number, reason?: string): void {
    if (code !== undefined && !isCloseCode(code)) {
      throw new RangeError(`close code ${code} is neither 1000 to 1014 nor 3000 to 4999`);
    }
    const closing = { code, reason: reason === undefined ? undefined : fitReason(reason) };
    if (this.#gate?.isHolding(this) === true) this.#closing = closing;
    else this.ref.close(closing.code, closing.reason);
  }

  /** The gate has let go of everything: closes if somebody asked for it meanwhile. */
  released(): void {
    if (this.#closing === undefined) return;
    this.ref.close(this.#closing.code, this.#closing.reason);
    this.#closing = undefined;
  }
}

/** The codes that may travel in a close frame (RFC 6455, 7.4). */
function isCloseCode(code: number): boolean {
  if (code >= 3_000) return code <= 4_999;
  return code >= 1_000 && code <= 1_014 && (code < 1_004 || code > 1_006);
}

/** What of a reason fits in a close frame. Colyseus puts a client's own words in some. */
function fitReason(reason: string): string {
  const bytes = Buffer.from(reason).subarray(0, MAX_REASON_BYTES);
  // Decoded as a stream, which leaves out a character that was cut in two.
  return new TextDecoder().decode(bytes, { stream: true });
}

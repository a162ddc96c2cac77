import { decode, encode, Reflection, type Decoder, type Iterator } from "@colyseus/schema";
import { Protocol, PROTOCOL_CODE_MASK, ProtocolModifier } from "@colyseus/shared-types";
import { pack, unpack } from "msgpackr";
import { WebSocket } from "ws";
import {
  CHANNEL_NEWS_TYPE,
  CHANNEL_TYPE,
  type ChannelNews,
} from "../../shared/protocol/channel-messages.ts";
import { HELLO_TYPE, type Hello } from "../../shared/protocol/hello.ts";
import { INTENT_TYPE } from "../../shared/protocol/intent-frame.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import { waitUntil } from "./wait-until.ts";

/** One frame as it arrived. */
export interface Frame {
  readonly code: number;
  readonly bytes: Uint8Array;
  /** Of a message: its type. */
  readonly type?: string | number;
  /** Of a message or a reply. */
  readonly payload?: unknown;
  /** Of a reply. */
  readonly requestId?: number;
  readonly status?: number;
}

/** What a request came to: status 0 is yes, 1 a refusal, 2 an error of the room. */
export interface Reply {
  readonly status: number;
  readonly payload: unknown;
}

export interface FrameClientOptions {
  /** Of the upgrade: an Origin, for one. */
  headers?: Record<string, string>;
  subprotocols?: string[];
  /** Acknowledges JOIN_ROOM, as a client does to become a member; default yes. */
  acknowledges?: boolean;
  /** Keeps a decoded state; default yes. A hundred clients of a large board need not. */
  decodes?: boolean;
  /** Keeps every frame in `frames`; default yes. */
  records?: boolean;
}

/**
 * A WebSocket that speaks the wire protocol and nothing more: it records every frame in the
 * order of arrival, keeps a decoded state, and sends what a test tells it to, also what no
 * client of ours would.
 */
export class FrameClient {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  hello: Hello | undefined;
  /** What follows "roomId:" in a stock reconnection token. */
  reconnectionToken: string | undefined;
  decoder: Decoder | undefined;
  closed: { code: number; reason: string } | undefined;
  /** Called for each frame once it is decoded; a test may set it. */
  onFrame: (frame: Frame) => void = () => {};
  #nextRequestId = 1;
  readonly #acknowledges: boolean;
  readonly #decodes: boolean;
  readonly #records: boolean;

  constructor(url: string, options: FrameClientOptions = {}) {
    const {
      subprotocols = [`atrium.${PROTOCOL_VERSION}`],
      acknowledges = true,
      decodes = true,
      records = true,
      headers = {},
    } = options;
    this.#acknowledges = acknowledges;
    this.#decodes = decodes;
    this.#records = records;
    this.socket = new WebSocket(url, subprotocols, { headers });
    this.socket.binaryType = "nodebuffer";
    this.socket.on("message", (data: Buffer) => this.#receive(Uint8Array.from(data)));
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    // A refused upgrade shows as a close with 1006, which tests look at.
    this.socket.on("error", () => {});
  }

  /** The state as decoded so far; undefined before the handshake. */
  get state(): unknown {
    return this.decoder?.state;
  }

  /** Codes of all frames so far, in the order of arrival. */
  get codes(): number[] {
    return this.frames.map((frame) => frame.code);
  }

  /** Resolves when the first full state has been applied; where there is none, at once. */
  async joined(): Promise<this> {
    await waitUntil(
      () => {
        if (this.closed) throw new Error(`closed: ${this.closed.code} ${this.closed.reason}`);
        const last = this.hello?.hasState === false ? Protocol.JOIN_ROOM : Protocol.ROOM_STATE;
        return this.codes.includes(last);
      },
      { what: "the join completes" },
    );
    return this;
  }

  async waitForClose(): Promise<{ code: number; reason: string }> {
    return waitUntil(() => this.closed, { what: "the server closes the connection" });
  }

  /** Sends an intent as our client does; resolves with the reply, also when it is a refusal. */
  intent(name: string, payload: unknown, id = `test-${this.#nextRequestId}`): Promise<Reply> {
    return this.request(INTENT_TYPE, [PROTOCOL_VERSION, id, name, payload]);
  }

  /** Asks for a channel operation as our client does; resolves also with a refusal. */
  operation(name: string, given: unknown, id = `test-${this.#nextRequestId}`): Promise<Reply> {
    return this.request(CHANNEL_TYPE, [PROTOCOL_VERSION, id, name, given]);
  }

  /** What the server told about channels so far. */
  news(): ChannelNews[] {
    return this.messages(CHANNEL_NEWS_TYPE) as ChannelNews[];
  }

  /** Sends a bare request, as a stock SDK does. */
  async request(type: string | number, payload?: unknown): Promise<Reply> {
    const requestId = this.#nextRequestId;
    this.#nextRequestId += 1;
    this.send(requestFrame(requestId, type, payload));
    return this.replyTo(requestId);
  }

  /** The reply to a request that was sent by hand. */
  async replyTo(requestId: number): Promise<Reply> {
    const { status = -1, payload } = await waitUntil(
      () => this.frames.find((frame) => frame.requestId === requestId),
      { what: `request ${requestId} is answered` },
    );
    return { status, payload };
  }

  /** Sends a message without asking for a reply, as `room.send` of a stock SDK does. */
  sendMessage(type: string | number, payload?: unknown): void {
    this.send(messageFrame(type, payload));
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  /** Payloads of the messages of this type so far. */
  messages(type: string | number): unknown[] {
    return this.frames
      .filter((frame) => frame.type === type && frame.requestId === undefined)
      .map((frame) => frame.payload);
  }

  /** Stops reading: what the server sends piles up in the kernel, then in the server. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Cuts the connection without a word, as a tunnel does. */
  drop(): void {
    this.socket.terminate();
  }

  async close(code = 1000): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(code);
    this.socket.resume();
    await waitUntil(() => this.socket.readyState === WebSocket.CLOSED).catch(() => this.drop());
  }

  #receive(bytes: Uint8Array): void {
    const code = bytes[0]! & PROTOCOL_CODE_MASK;
    const it: Iterator = { offset: (bytes[0]! & ProtocolModifier.TIMED) === 0 ? 1 : 9 };
    switch (code) {
      case Protocol.JOIN_ROOM:
        this.#handleJoin(bytes, it);
        break;
      case Protocol.ROOM_STATE:
        this.decoder?.decodeResync(bytes, it);
        break;
      case Protocol.ROOM_STATE_PATCH:
        this.decoder?.decode(bytes, it);
        break;
      case Protocol.ROOM_DATA: {
        const type = decodeType(bytes, it);
        const payload = payloadAfter(bytes, it);
        if (type === HELLO_TYPE) this.hello = payload as Hello;
        this.#record({ code, bytes, type, payload });
        return;
      }
      case Protocol.ROOM_RESPONSE: {
        const requestId = decode.number(bytes, it);
        const status = bytes[it.offset]!;
        it.offset += 1;
        this.#record({ code, bytes, requestId, status, payload: payloadAfter(bytes, it) });
        return;
      }
      default:
    }
    this.#record({ code, bytes });
  }

  #record(frame: Frame): void {
    if (this.#records) this.frames.push(frame);
    this.onFrame(frame);
  }

  #handleJoin(bytes: Uint8Array, it: Iterator): void {
    this.reconnectionToken = decode.utf8Read(bytes, it, bytes[it.offset++]!);
    decode.utf8Read(bytes, it, bytes[it.offset++]!);
    const reflectionBytes = decode.number(bytes, it);
    if (this.#decodes && reflectionBytes > 0 && this.decoder === undefined) {
      this.decoder = Reflection.decode(bytes.subarray(0, it.offset + reflectionBytes), it);
    }
    if (this.#acknowledges) this.send(Uint8Array.of(Protocol.JOIN_ROOM));
  }
}

/** `[ROOM_REQUEST][request id][type][payload]` */
export function requestFrame(
  requestId: number,
  type: string | number,
  payload?: unknown,
): Uint8Array {
  const it: Iterator = { offset: 1 };
  const head = new Uint8Array(1_024);
  head[0] = Protocol.ROOM_REQUEST;
  encode.number(head, requestId, it);
  return withPayload(head, it, type, payload);
}

/** `[ROOM_DATA][type][payload]` */
export function messageFrame(type: string | number, payload?: unknown): Uint8Array {
  const head = new Uint8Array(1_024);
  head[0] = Protocol.ROOM_DATA;
  return withPayload(head, { offset: 1 }, type, payload);
}

function withPayload(
  head: Uint8Array,
  it: Iterator,
  type: string | number,
  payload: unknown,
): Uint8Array {
  if (typeof type === "string") encode.string(head, type, it);
  else encode.number(head, type, it);
  const body = payload === undefined ? new Uint8Array(0) : pack(payload);
  return Buffer.concat([head.subarray(0, it.offset), body]);
}

function decodeType(bytes: Uint8Array, it: Iterator): string | number {
  return decode.stringCheck(bytes, it) ? decode.string(bytes, it) : decode.number(bytes, it);
}

function payloadAfter(bytes: Uint8Array, it: Iterator): unknown {
  return it.offset < bytes.byteLength ? unpack(bytes.subarray(it.offset)) : undefined;
}

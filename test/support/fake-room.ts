import { decode, encode, Encoder, type Iterator, Reflection, type Schema } from "@colyseus/schema";
import { Protocol, ResponseStatus } from "@colyseus/shared-types";
import { pack, unpack } from "msgpackr";
import { CHANNEL_TYPE } from "../../shared/protocol/channel-messages.ts";
import { type Hello, HELLO_TYPE, type RoomStream } from "../../shared/protocol/hello.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import type { FakeChannels } from "./fake-channels.ts";
import type { SocketPair } from "./socket-pair.ts";

/** A request as the fake room got it. */
export interface FakeRequest {
  readonly requestId: number;
  readonly type: string;
  readonly payload: unknown;
  readonly seat: FakeSeat;
}

export interface FakeSeat {
  readonly sessionId: string;
  readonly token: string;
  pair: SocketPair | undefined;
  isJoined: boolean;
}

/** A room instance that speaks the wire protocol, with the real encoder and no game. */
export class FakeRoom {
  readonly roomId: string;
  readonly seats = new Map<string, FakeSeat>();
  readonly requests: FakeRequest[] = [];
  /** Replies by itself; undefined leaves the request open for `reply` and `reject`. */
  onRequest: ((request: FakeRequest) => unknown) | undefined = () => null;
  schemaHash = "hash-1";
  protocol: number = PROTOCOL_VERSION;
  /** The pages that belong to the server, if it names them. */
  build: string | undefined;
  saysHello = true;
  /** Without a state the handshake completes the join. */
  hasState = true;
  /** What the room publishes under, if it publishes. */
  stream: RoomStream | undefined;
  state: Schema;
  /** Does what is asked of channels, which are not among `requests` then. */
  channels: FakeChannels | undefined;
  #encoder: Encoder;

  constructor(roomId: string, state: Schema) {
    this.roomId = roomId;
    this.state = state;
    this.#encoder = new Encoder(state);
  }

  /** Greets a connection that took `seat`; the first state follows its acknowledgement. */
  connect(seat: FakeSeat, pair: SocketPair): void {
    seat.pair = pair;
    seat.isJoined = false;
    pair.server.addEventListener("message", (event: { data: ArrayBuffer }) => {
      this.#receive(seat, new Uint8Array(event.data));
    });
    if (this.saysHello) this.send(seat, HELLO_TYPE, this.#hello(seat));
    this.write(seat, this.joinFrame(seat.token));
  }

  /** Sends what changed to everybody who is here, and answers what waited for it. */
  tick(): void {
    const patch = this.#encoder.encode();
    for (const seat of this.#joined()) this.write(seat, [Protocol.ROOM_STATE_PATCH, ...patch]);
    this.#encoder.discardChanges();
  }

  /** A full state in mid-session, as a slow client gets one. */
  sendFullState(seat: FakeSeat): void {
    this.write(seat, [Protocol.ROOM_STATE, ...this.#encoder.encodeAll()]);
  }

  send(seat: FakeSeat, type: string, payload: unknown): void {
    const header = new Uint8Array(64);
    const it: Iterator = { offset: 1 };
    header[0] = Protocol.ROOM_DATA;
    encode.string(header, type, it);
    this.write(seat, [...header.subarray(0, it.offset), ...pack(payload)]);
  }

  reply(request: FakeRequest, value: unknown): void {
    this.#respond(request, ResponseStatus.OK, value);
  }

  reject(request: FakeRequest, error: WireError): void {
    this.#respond(request, ResponseStatus.REJECTED, error);
  }

  fail(request: FakeRequest, message: string): void {
    this.#respond(request, ResponseStatus.ERROR, { name: "Error", message });
  }

  write(seat: FakeSeat, bytes: Iterable<number>): void {
    seat.pair?.server.send(Uint8Array.from(bytes));
  }

  joinFrame(token: string): number[] {
    const reflection = Reflection.encode(this.#encoder);
    const length = new Uint8Array(9);
    const it: Iterator = { offset: 0 };
    encode.number(length, reflection.length, it);
    const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];
    return [
      Protocol.JOIN_ROOM,
      ...text(token),
      ...text("schema"),
      ...length.subarray(0, it.offset),
      ...reflection,
    ];
  }

  #joined(): FakeSeat[] {
    return [...this.seats.values()].filter((seat) => seat.isJoined);
  }

  #hello(seat: FakeSeat): Hello {
    const user = { id: "guest-1", name: `Guest ${seat.sessionId}` };
    const { protocol, schemaHash: schema, hasState, stream } = this;
    const build = this.build === undefined ? {} : { build: this.build };
    const hello = { protocol, schema, user, ticksPerSecond: 20, hasState, ...build };
    return stream === undefined ? hello : { ...hello, stream };
  }

  #receive(seat: FakeSeat, bytes: Uint8Array): void {
    const it: Iterator = { offset: 1 };
    switch (bytes[0] ?? 0) {
      case Protocol.JOIN_ROOM:
        seat.isJoined = true;
        if (this.hasState) this.sendFullState(seat);
        return;
      case Protocol.PING:
        this.write(seat, [Protocol.PING]);
        return;
      case Protocol.LEAVE_ROOM:
        this.seats.delete(seat.sessionId);
        seat.pair?.server.close(4000, "");
        return;
      case Protocol.ROOM_REQUEST: {
        const requestId = decode.number(bytes, it);
        const type = decode.string(bytes, it);
        const payload = it.offset < bytes.length ? unpack(bytes.subarray(it.offset)) : undefined;
        const request = { requestId, type, payload, seat };
        if (type === CHANNEL_TYPE && this.channels !== undefined) {
          this.channels.handle(this, request);
          return;
        }
        this.requests.push(request);
        if (this.onRequest !== undefined) this.reply(request, this.onRequest(request));
        return;
      }
      default:
        throw new Error(`the fake room does not know code ${bytes[0]}`);
    }
  }

  #respond({ seat, requestId }: FakeRequest, status: number, payload: unknown): void {
    const header = new Uint8Array(16);
    const it: Iterator = { offset: 1 };
    header[0] = Protocol.ROOM_RESPONSE;
    encode.number(header, requestId, it);
    header[it.offset++] = status;
    this.write(seat, [...header.subarray(0, it.offset), ...pack(payload)]);
  }
}

import type { WebSocketLike } from "../../client/connection/websocket-like.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";

type Listener = (event: { data: unknown; code: number; reason: string }) => void;

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** One end of a pair: a WebSocket to the part under test, a remote control to the test. */
export class SocketEnd implements WebSocketLike {
  binaryType = "blob";
  readyState = CONNECTING;
  /** Everything that arrived here, whether or not somebody listened. */
  readonly received: Uint8Array[] = [];
  /** How this end learned of its close; undefined while it has not. */
  closed: { code: number; reason: string } | undefined;
  readonly #listeners: [type: string, listener: Listener][] = [];
  #link: { peer: SocketEnd; carry: (arrive: () => void) => void } | undefined;

  link(peer: SocketEnd, carry: (arrive: () => void) => void): void {
    this.#link = { peer, carry };
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.push([type, listener as Listener]);
  }

  send(data: Uint8Array): void {
    if (this.readyState === CONNECTING) throw new Error("send before the socket is open");
    if (this.readyState !== OPEN) return;
    // A copy: a sender may use its buffer again at once.
    const bytes = Uint8Array.from(data);
    const { peer, carry } = this.#link!;
    carry(() => peer.#arrive(bytes));
  }

  close(code: number = CloseCode.NO_STATUS, reason = ""): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    const { peer, carry } = this.#link!;
    carry(() => peer.#end(code, reason));
    carry(() => this.#end(code, reason));
  }

  open(): void {
    if (this.readyState === CONNECTING) this.readyState = OPEN;
  }

  #arrive(bytes: Uint8Array): void {
    if (this.readyState !== OPEN) return;
    this.received.push(bytes);
    this.#tell("message", { data: bytes.buffer, code: 0, reason: "" });
  }

  #end(code: number, reason: string): void {
    if (this.closed !== undefined) return;
    this.readyState = CLOSED;
    this.closed = { code, reason };
    this.#tell("close", { data: undefined, code, reason });
  }

  #tell(type: string, event: Parameters<Listener>[0]): void {
    for (const [each, listener] of this.#listeners) if (each === type) listener(event);
  }
}

/**
 * Two sockets in memory. What one sends arrives at the other in order, a microtask later;
 * a test can hold it back and let it arrive all at once, or cut the line without a word.
 */
export class SocketPair {
  readonly client = new SocketEnd();
  readonly server = new SocketEnd();
  #held: (() => void)[] | undefined;
  #isCut = false;

  constructor() {
    const carry = (arrive: () => void): void => this.#carry(arrive);
    this.client.link(this.server, carry);
    this.server.link(this.client, carry);
  }

  open(): void {
    this.client.open();
    this.server.open();
  }

  /** From now on nothing arrives on either side, until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  /** What was held back arrives in one go, as several frames of one TCP segment do. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const arrive of held) arrive();
  }

  /** The other end is gone and nobody says so: nothing arrives any more, not even a close. */
  cut(): void {
    this.#isCut = true;
  }

  #carry(arrive: () => void): void {
    if (this.#isCut) return;
    if (this.#held !== undefined) this.#held.push(arrive);
    else queueMicrotask(() => this.#arriveUnlessCut(arrive));
  }

  #arriveUnlessCut(arrive: () => void): void {
    if (this.#isCut) return;
    if (this.#held !== undefined) this.#held.push(arrive);
    else arrive();
  }
}

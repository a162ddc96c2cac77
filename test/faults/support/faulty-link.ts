import type { WebSocketLike } from "../../../client/connection/websocket-like.ts";
import { CloseCode } from "../../../shared/protocol/close-codes.ts";
import { FrameLane, type FrameMatcher } from "./frame-lane.ts";

/** A socket that can also end without a word, and stop to read. */
export interface BreakableSocket extends WebSocketLike {
  terminate(): void;
  pause(): void;
}

type Listener = (event: { data: unknown; code: number; reason: string }) => void;

const OPEN = 1;
const CLOSED = 3;

/**
 * One connection of a client, which a test can break in every way in which networks do. It
 * never reorders: a WebSocket does not. What can come out of order is a frame of this
 * connection behind those of the next one; see `loseHere`.
 */
export class FaultyLink implements WebSocketLike {
  /** Frames to the server, and from it. */
  readonly up = new FrameLane();
  readonly down = new FrameLane();
  readonly #socket: BreakableSocket;
  readonly #listeners: [type: string, listener: Listener][] = [];
  #isEnded = false;

  constructor(socket: BreakableSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      this.down.put(new Uint8Array(data as ArrayBuffer), () => this.#tell("message", { data }));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.down.end(() => this.#end(code, reason));
    });
    socket.addEventListener("error", () => undefined);
  }

  get binaryType(): string {
    return "arraybuffer";
  }

  set binaryType(type: string) {
    if (type !== "arraybuffer") throw new TypeError(`frames are array buffers, not ${type}`);
  }

  get readyState(): number {
    return this.#isEnded ? CLOSED : this.#socket.readyState;
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.push([type, listener as Listener]);
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    // A copy: a sender may use its buffer again at once.
    const frame = Uint8Array.from(data);
    this.up.put(frame, () => this.#write(frame));
  }

  close(code?: number, reason?: string): void {
    this.up.end(() => this.#socket.close(code, reason));
  }

  /** Gone, for both sides, without a word: what was under way is lost. */
  cut(): void {
    this.up.silence();
    this.down.silence();
    this.#socket.terminate();
    this.#end(CloseCode.ABNORMAL, "");
  }

  /** Gone for this side only: what is held in a lane can still arrive, late. */
  loseHere(): void {
    this.#end(CloseCode.ABNORMAL, "");
  }

  /** Nothing arrives any more on either side, and neither is told. */
  halfOpen(): void {
    this.up.silence();
    this.down.silence();
    // Or the library itself would go on to answer the server's pings.
    this.#socket.pause();
  }

  /** Cuts at the next frame like this; `passes`: once it has gone through, else before. */
  cutAt(lane: "up" | "down", matches: FrameMatcher, { passes }: { passes: boolean }): void {
    this[lane].trap(matches, () => this.cut(), { passes });
  }

  /** Lets go of the socket at the end of a test. */
  destroy(): void {
    this.up.silence();
    this.down.silence();
    this.#socket.terminate();
  }

  #write(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(frame);
  }

  #end(code: number, reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    // No socket tells of its end inside a call of `send`.
    queueMicrotask(() => this.#tell("close", { code, reason }));
  }

  #tell(type: string, event: Partial<Parameters<Listener>[0]>): void {
    const whole = { data: undefined, code: 0, reason: "", ...event };
    for (const [each, listener] of this.#listeners) if (each === type) listener(whole);
  }
}

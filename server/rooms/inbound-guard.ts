import { getMessageBytes, type Client, type ClientPrivate } from "@colyseus/core";
import { decode, type Iterator } from "@colyseus/schema";
import { Protocol, PROTOCOL_CODE_MASK, ResponseStatus } from "@colyseus/shared-types";
import { SyncError } from "../../shared/errors.ts";
import type { Clock } from "../../shared/clock.ts";
import { MAX_FRAMES_PER_SECOND } from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";

export interface InboundGuardOptions {
  clock: Clock;
  maxIntentBytes: () => number;
  /** Ends the client's connection; its frames are read no more. */
  kick: (client: Client, code: number, reason: string) => void;
}

/** Frames that carry an application's payload. */
const PAYLOAD_CODES: ReadonlySet<number> = new Set([
  Protocol.ROOM_DATA,
  Protocol.ROOM_DATA_BYTES,
  Protocol.ROOM_REQUEST,
]);

/**
 * Stands between a room and what its clients send. A frame that is too large, malformed, or
 * one of a flood costs only its sender: a typed refusal where there is somebody to answer,
 * a documented close code otherwise.
 */
export class InboundGuard {
  readonly #options: InboundGuardOptions;
  readonly #windows = new WeakMap<Client, { endsAt: number; count: number }>();

  constructor(options: InboundGuardOptions) {
    this.#options = options;
  }

  /** Runs `next` if the frame is fit to be handled. */
  pass(client: Client & ClientPrivate, frame: Uint8Array, next: () => void): void {
    const { kick, maxIntentBytes } = this.#options;
    if (this.#isFlood(client)) {
      kick(client, CloseCode.FLOODED, `more than ${MAX_FRAMES_PER_SECOND} frames a second`);
      return;
    }
    try {
      const code = frame[0]! & PROTOCOL_CODE_MASK;
      if (PAYLOAD_CODES.has(code) && frame.byteLength > maxIntentBytes()) {
        this.#refuse(client, frame, code);
      } else {
        next();
      }
    } catch {
      // Nothing of the game's throws up to here: decoding failed, on bytes of this client.
      kick(client, CloseCode.FRAME_MALFORMED, "malformed frame");
    }
  }

  #isFlood(client: Client): boolean {
    const now = this.#options.clock.now();
    let window = this.#windows.get(client);
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + 1_000, count: 0 };
      this.#windows.set(client, window);
    }
    window.count += 1;
    return window.count > MAX_FRAMES_PER_SECOND;
  }

  #refuse(client: Client, frame: Uint8Array, code: number): void {
    const text = `frame of ${frame.byteLength} bytes exceeds ${this.#options.maxIntentBytes()}`;
    if (code !== Protocol.ROOM_REQUEST) {
      this.#options.kick(client, CloseCode.FRAME_TOO_LARGE, text);
      return;
    }
    const it: Iterator = { offset: 1 };
    const requestId = decode.number(frame, it);
    const error = toWireError(new SyncError("payload-too-large", text));
    client.enqueueRaw(
      getMessageBytes[Protocol.ROOM_RESPONSE](requestId, ResponseStatus.REJECTED, error),
    );
  }
}

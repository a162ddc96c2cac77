import { getMessageBytes, type Client, type ClientPrivate } from "@colyseus/core";
import { isUtf8 } from "node:buffer";
import { decode, type Iterator } from "@colyseus/schema";
import {
  Protocol,
  PROTOCOL_CODE_MASK,
  ProtocolModifier,
  ResponseStatus,
} from "@colyseus/shared-types";
import { SyncError } from "../../shared/errors.ts";
import type { Clock } from "../../shared/clock.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { CHANNEL_TYPE } from "../../shared/protocol/channel-messages.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";
import { scanPayload } from "./scan-payload.ts";
import type { FrameBudget } from "../limits/frame-budget.ts";

export interface InboundGuardOptions {
  clock: Clock;
  /** What a client may send, over a connection that it has just begun to use. */
  openBudget: (client: Client) => FrameBudget;
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

/** Frames of `defineInput`, which have an encoding of their own. */
const INPUT_CODES: ReadonlySet<number> = new Set([
  Protocol.ROOM_INPUT_RELIABLE,
  Protocol.ROOM_INPUT_UNRELIABLE,
]);

/**
 * Stands between a room and what its clients send. A frame that is too large, malformed, or
 * one of a flood costs only its sender: a typed refusal where there is somebody to answer,
 * a documented close code otherwise.
 */
export class InboundGuard {
  readonly #options: InboundGuardOptions;
  readonly #budgets = new WeakMap<Client, FrameBudget>();

  constructor(options: InboundGuardOptions) {
    this.#options = options;
  }

  /** Runs `next` if the frame is fit to be handled. */
  pass(client: Client & ClientPrivate, frame: Uint8Array, next: () => void): void {
    const { clock, kick, maxIntentBytes } = this.#options;
    const excess = this.#budgetOf(client).take(frame.byteLength, clock.now());
    if (excess !== undefined) {
      kick(client, CloseCode.FLOODED, excess);
      return;
    }
    try {
      const code = frame[0]! & PROTOCOL_CODE_MASK;
      if (!PAYLOAD_CODES.has(code)) {
        const closing = INPUT_CODES.has(code) ? faultOfInput(frame, maxIntentBytes()) : undefined;
        if (closing === undefined) next();
        else kick(client, closing, "malformed input");
        return;
      }
      const head = readHead(frame, code);
      // Channels have limits of their own, in JSON; the transport's is the only other one.
      const isLimited = head !== undefined && head.type !== CHANNEL_TYPE;
      if (isLimited && frame.byteLength > maxIntentBytes()) {
        const text = `frame of ${frame.byteLength} bytes exceeds ${maxIntentBytes()}`;
        this.#refuse(client, frame, new SyncError("payload-too-large", text));
        return;
      }
      const isPacked = code !== Protocol.ROOM_DATA_BYTES;
      const fault = head && isPacked ? scanPayload(frame, head.end) : undefined;
      if (head === undefined || fault?.isMalformed === true) {
        kick(client, CloseCode.FRAME_MALFORMED, "malformed frame");
      } else if (fault !== undefined) {
        const text = `the payload is refused: ${fault.reason}`;
        this.#refuse(client, frame, new SyncError("payload-invalid", text));
      } else {
        next();
      }
    } catch {
      // Nothing of the game's throws up to here: decoding failed, on bytes of this client.
      kick(client, CloseCode.FRAME_MALFORMED, "malformed frame");
    }
  }

  #budgetOf(client: Client): FrameBudget {
    let budget = this.#budgets.get(client);
    if (budget === undefined) {
      budget = this.#options.openBudget(client);
      this.#budgets.set(client, budget);
    }
    return budget;
  }

  #refuse(client: Client & ClientPrivate, frame: Uint8Array, refusal: SyncError): void {
    if ((frame[0]! & PROTOCOL_CODE_MASK) !== Protocol.ROOM_REQUEST) {
      const isTooLarge = refusal.code === "payload-too-large";
      const code = isTooLarge ? CloseCode.FRAME_TOO_LARGE : CloseCode.WITH_ERROR;
      this.#options.kick(client, code, refusal.message);
      return;
    }
    const it: Iterator = { offset: 1 };
    const requestId = decode.number(frame, it);
    const error = toWireError(refusal);
    client.enqueueRaw(
      getMessageBytes[Protocol.ROOM_RESPONSE](requestId, ResponseStatus.REJECTED, error),
    );
  }
}

/** With which code an input closes its connection: one that is too large, or never ends. */
function faultOfInput(frame: Uint8Array, maxBytes: number): CloseCode | undefined {
  if (frame.byteLength > maxBytes) return CloseCode.FRAME_TOO_LARGE;
  const isSeries = (frame[0]! & PROTOCOL_CODE_MASK) === Protocol.ROOM_INPUT_UNRELIABLE;
  if (!isSeries || (frame[0]! & ProtocolModifier.TIMED) === 0) return undefined;
  // How many stamps follow, each of a byte at least: all of them would be read.
  const stamps = decode.number(frame, { offset: 1 });
  const isCount = Number.isInteger(stamps) && stamps >= 0 && stamps <= frame.byteLength;
  return isCount ? undefined : CloseCode.FRAME_MALFORMED;
}

/** What a frame is for, and where its payload begins. */
interface FrameHead {
  readonly type: string | number;
  readonly end: number;
}

/**
 * The frame's message type; undefined when it is not readable: Colyseus would decode any
 * bytes, and print a line for each bad one.
 */
function readHead(frame: Uint8Array, code: number): FrameHead | undefined {
  const it: Iterator = { offset: 1 };
  if (code === Protocol.ROOM_REQUEST) decode.number(frame, it);
  if (it.offset >= frame.byteLength) return undefined;
  if (!decode.stringCheck(frame, it)) {
    const type = decode.number(frame, it);
    return { type, end: it.offset };
  }
  const prefix = frame[it.offset++]!;
  // The forms of a string's length in @colyseus/schema: in the prefix, or in 1, 2, 4 bytes.
  const readLength = { 0xd9: decode.uint8, 0xda: decode.uint16, 0xdb: decode.uint32 }[prefix];
  const length = readLength === undefined ? prefix & 0x1f : readLength(frame, it);
  const end = it.offset + length;
  const text = frame.subarray(it.offset, end);
  if (text.byteLength !== length || !isUtf8(text)) return undefined;
  return { type: Buffer.from(text).toString(), end };
}

import { decode, type Iterator } from "@colyseus/schema";
import { Protocol, PROTOCOL_CODE_MASK, ProtocolModifier } from "@colyseus/shared-types";
import { unpack } from "msgpackr/unpack";
import { SyncError } from "../../shared/errors.ts";
import type { JoinFrame, ServerFrame } from "./server-frame.ts";

/** Server time and input acknowledgement, two uint32, on state frames of rooms with inputs. */
const TIMED_PREFIX_BYTES = 8;
/** A uint16 sequence number on patches that could have travelled as datagrams. */
const UNRELIABLE_PREFIX_BYTES = 2;

/**
 * Takes one frame of the server apart. Throws `frame-malformed` for anything that does not
 * add up; a code that it does not know is no error, so that servers can say new things.
 */
export function decodeFrame(bytes: Uint8Array): ServerFrame {
  const code = (bytes[0] ?? 0) & PROTOCOL_CODE_MASK;
  const it: Iterator = { offset: 1 };
  try {
    const frame = decodeBody(code, bytes, it);
    if (it.offset > bytes.length) throw new RangeError("it ends too early");
    return frame;
  } catch (cause) {
    throw new SyncError(
      "frame-malformed",
      `frame ${code} of ${bytes.length} bytes cannot be decoded: ${String(cause)}`,
      { cause },
    );
  }
}

function decodeBody(code: number, bytes: Uint8Array, it: Iterator): ServerFrame {
  switch (code) {
    case Protocol.JOIN_ROOM:
      return decodeJoin(bytes, it);
    case Protocol.ROOM_STATE:
      skipPrefixes(bytes, it);
      return { kind: "state", bytes, offset: it.offset };
    case Protocol.ROOM_STATE_PATCH:
      skipPrefixes(bytes, it);
      return { kind: "patch", bytes, offset: it.offset };
    case Protocol.ROOM_DATA:
      return { kind: "message", type: decodeType(bytes, it), payload: decodePayload(bytes, it) };
    case Protocol.ROOM_DATA_BYTES:
      return { kind: "message", type: decodeType(bytes, it), payload: bytes.slice(it.offset) };
    case Protocol.ROOM_RESPONSE: {
      const requestId = decode.number(bytes, it);
      const status = decode.uint8(bytes, it);
      return { kind: "response", requestId, status, payload: decodePayload(bytes, it) };
    }
    case Protocol.ERROR:
      return { kind: "error", code: decode.number(bytes, it), message: decode.string(bytes, it) };
    case Protocol.LEAVE_ROOM:
      return { kind: "leave" };
    case Protocol.PING:
      return { kind: "pong" };
    default:
      return { kind: "unknown", code };
  }
}

function decodeJoin(bytes: Uint8Array, it: Iterator): JoinFrame {
  const reconnectionToken = decodeShortText(bytes, it);
  const serializerId = decodeShortText(bytes, it);
  const length = decode.number(bytes, it);
  const reflection = bytes.subarray(it.offset, it.offset + length);
  if (reflection.length !== length) throw new RangeError(`reflection of ${length} bytes is cut`);
  // The tagged sections behind it describe inputs (`defineInput`), which this client leaves
  // to the stock SDK.
  return { kind: "join", reconnectionToken, serializerId, reflection };
}

/** One byte of length, then UTF-8. */
function decodeShortText(bytes: Uint8Array, it: Iterator): string {
  const length = decode.uint8(bytes, it);
  if (it.offset + length > bytes.length) throw new RangeError(`text of ${length} bytes is cut`);
  return decode.utf8Read(bytes, it, length);
}

function decodeType(bytes: Uint8Array, it: Iterator): string | number {
  if (it.offset >= bytes.length) throw new RangeError("it has no message type");
  return decode.stringCheck(bytes, it) ? decode.string(bytes, it) : decode.number(bytes, it);
}

function decodePayload(bytes: Uint8Array, it: Iterator): unknown {
  return bytes.length > it.offset ? unpack(bytes, { start: it.offset }) : undefined;
}

function skipPrefixes(bytes: Uint8Array, it: Iterator): void {
  const modifiers = bytes[0] ?? 0;
  if ((modifiers & ProtocolModifier.TIMED) !== 0) it.offset += TIMED_PREFIX_BYTES;
  if ((modifiers & ProtocolModifier.UNRELIABLE) !== 0) it.offset += UNRELIABLE_PREFIX_BYTES;
}

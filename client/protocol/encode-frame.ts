import { encode, type Iterator } from "@colyseus/schema";
import { Protocol } from "@colyseus/shared-types";
import { Packr } from "msgpackr/pack";
import { SyncError } from "../../shared/errors.ts";
import { MAX_INBOUND_FRAME_BYTES } from "../../shared/limits.ts";

/** The code, a request id of up to 9 bytes, and the prefix of the type's text. */
const HEADER_BYTES_BESIDE_TYPE = 16;
const MAX_UTF8_BYTES_PER_CHARACTER = 3;

/** A frame that is its code alone: the acknowledged join, a ping, a leave. */
export function encodeCode(code: number): Uint8Array {
  return Uint8Array.of(code);
}

/**
 * A stock ROOM_REQUEST. Throws `payload-invalid` for what msgpack cannot carry and
 * `frame-too-large` for what the server would close the connection over.
 */
export function encodeRequest(requestId: number, type: string, payload: unknown): Uint8Array {
  const header = new Uint8Array(
    HEADER_BYTES_BESIDE_TYPE + type.length * MAX_UTF8_BYTES_PER_CHARACTER,
  );
  const it: Iterator = { offset: 1 };
  header[0] = Protocol.ROOM_REQUEST;
  encode.number(header, requestId, it);
  encode.string(header, type, it);

  const body = payload === undefined ? new Uint8Array(0) : encodePayload(type, payload);
  const length = it.offset + body.length;
  if (length > MAX_INBOUND_FRAME_BYTES) {
    throw new SyncError(
      "frame-too-large",
      `request of ${length} bytes exceeds ${MAX_INBOUND_FRAME_BYTES}`,
    );
  }
  const frame = new Uint8Array(length);
  frame.set(header.subarray(0, it.offset));
  frame.set(body, it.offset);
  return frame;
}

function encodePayload(type: string, payload: unknown): Uint8Array {
  try {
    // Without records: any msgpack can read it, not only the same library. Typed arrays as what
    // they are: otherwise msgpackr sends other memory of the page in place of most of their bytes.
    return new Packr({ useRecords: false, moreTypes: true }).pack(payload);
  } catch (cause) {
    throw new SyncError(
      "payload-invalid",
      `payload of "${type}" cannot be encoded: ${String(cause)}`,
      {
        cause,
      },
    );
  }
}

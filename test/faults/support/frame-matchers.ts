import { decode, type Iterator } from "@colyseus/schema";
import { Protocol, PROTOCOL_CODE_MASK } from "@colyseus/shared-types";
import { unpack } from "msgpackr";
import {
  CHANNEL_NEWS_TYPE,
  type ChannelOperation,
} from "../../../shared/protocol/channel-messages.ts";
import type { FrameMatcher } from "./frame-lane.ts";

/** A client's request for this operation on a channel. */
export function isOperation(operation: ChannelOperation): FrameMatcher {
  return (frame) => {
    if (codeOf(frame) !== Protocol.ROOM_REQUEST) return false;
    const it: Iterator = { offset: 1 };
    decode.number(frame, it);
    decode.string(frame, it);
    const envelope = unpack(frame.subarray(it.offset)) as unknown[];
    return envelope[2] === operation;
  };
}

/** The server's answer to any request. */
export const isAnswer: FrameMatcher = (frame) => codeOf(frame) === Protocol.ROOM_RESPONSE;

/** Something that the server tells the subscribers of a channel. */
export const isNews: FrameMatcher = (frame) => {
  if (codeOf(frame) !== Protocol.ROOM_DATA) return false;
  return decode.string(frame, { offset: 1 }) === CHANNEL_NEWS_TYPE;
};

function codeOf(frame: Uint8Array): number {
  return frame[0]! & PROTOCOL_CODE_MASK;
}

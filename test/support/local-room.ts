import { matchMaker } from "@colyseus/core";
import type { AnyRoom } from "../../server/matchmaking/room-table.ts";

/** The room of this process that a client has joined, as the server sees it. */
export function localRoom<RoomType extends AnyRoom>(
  roomClass: abstract new () => RoomType,
  joined: { readonly roomId: string },
): RoomType {
  const room = matchMaker.getLocalRoomById(joined.roomId) as AnyRoom | undefined;
  if (room instanceof roomClass) return room;
  throw new TypeError(`room ${joined.roomId} is not a ${roomClass.name}`);
}

import { matchMaker, type Room } from "@colyseus/core";

/** The room of this process that a client has joined, as the server sees it. */
export function localRoom<RoomType extends Room>(
  roomClass: abstract new () => RoomType,
  joined: { readonly roomId: string },
): RoomType {
  const room = matchMaker.getLocalRoomById(joined.roomId) as Room | undefined;
  if (room instanceof roomClass) return room;
  throw new TypeError(`room ${joined.roomId} is not a ${roomClass.name}`);
}

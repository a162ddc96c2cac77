import { matchMaker, RegisteredHandler, type Room } from "@colyseus/core";
import { watchEnd } from "../rooms/colyseus-internals.ts";
import type { OpenRooms } from "../rooms/open-rooms.ts";
import { guardPlainRoom } from "../rooms/guard-room.ts";
import type { LentParts } from "../rooms/lent-parts.ts";
import { SyncRoom, type CreateContext } from "../rooms/sync-room.ts";
import type { SeatBook } from "./seat-book.ts";

/** A room of Colyseus, or one of ours, whose `onCreate` is told more. */
export type AnyRoom = Pick<Room, "roomId" | "roomName" | "clients" | "maxClients" | "presence"> & {
  onCreate?(options: never, context: CreateContext): unknown;
};

/** A room class that `rooms` can name. */
export type RoomClass = new () => AnyRoom;

/** Room names to room classes, or to what Colyseus's `defineRoom` returns. */
export type RoomTable = Record<string, RoomClass | RegisteredHandler>;

/**
 * Tells Colyseus's matchmaker about the rooms. Every `SyncRoom` it makes gets `lent`
 * before Colyseus initialises it, and every session that ends gives its seat back. What is open
 * is in `openRooms`.
 */
export function registerRooms(
  rooms: RoomTable,
  lent: LentParts,
  seats: SeatBook,
  openRooms: OpenRooms,
): void {
  for (const [name, entry] of Object.entries(rooms)) {
    const handler =
      entry instanceof RegisteredHandler ? entry : new RegisteredHandler(entry as new () => Room);
    handler.name = name;
    handler.klass = lendParts(handler.klass as RoomClass, lent);
    handler.on("create", (room) => {
      openRooms.add(room);
      watchEnd(room, () => openRooms.delete(room));
    });
    handler.on("join", (room, client) => {
      seats.claim(client.sessionId);
      openRooms.joined.emit(room, client);
    });
    handler.on("leave", (_room, client) => seats.release(client.sessionId));
    matchMaker.addRoomType(handler);
  }
}

export function unregisterRooms(rooms: RoomTable): void {
  for (const name of Object.keys(rooms)) matchMaker.removeRoomType(name);
}

/**
 * The same class, whose instances have the lent parts. Not a subclass: Colyseus keeps the
 * layout of a room's plugins on its class, and a subclass would lose it.
 */
function lendParts(roomClass: RoomClass, lent: LentParts): RoomClass {
  return new Proxy(roomClass, {
    construct(target, args) {
      const room = Reflect.construct(target, args) as Room;
      if (room instanceof SyncRoom) room.useLentParts(lent);
      else guardPlainRoom(room, lent);
      return room;
    },
  });
}

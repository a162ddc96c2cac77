import type { Client, Room } from "@colyseus/core";
import { Emitter } from "../../shared/emitter.ts";

/** The rooms that this server has open now. */
export class OpenRooms {
  /** Somebody has become a member of a room. */
  readonly joined = new Emitter<[room: Room, client: Client]>();
  readonly #rooms = new Map<string, Room>();

  add(room: Room): void {
    this.#rooms.set(room.roomId, room);
  }

  delete(room: Room): void {
    // A durable room's successor may be open before everybody knows that the first one ended.
    if (this.#rooms.get(room.roomId) === room) this.#rooms.delete(room.roomId);
  }

  find(roomId: string): Room | undefined {
    return this.#rooms.get(roomId);
  }

  [Symbol.iterator](): IterableIterator<Room> {
    return this.#rooms.values();
  }
}

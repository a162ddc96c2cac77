import { hostname } from "node:os";
import type { Client, Room } from "@colyseus/core";
import { SyncError } from "../../shared/errors.ts";
import { HUB_ROOM } from "../../shared/protocol/channel-messages.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import type { BanList } from "./ban-list.ts";
import type { OpenRooms } from "../rooms/open-rooms.ts";
import { SyncRoom } from "../rooms/sync-room.ts";
import { RoomClient } from "../transport/websocket-client.ts";

/** What the admin API says of a room. */
export interface RoomSummary {
  readonly roomId: string;
  readonly name: string;
  readonly clients: number;
  readonly maxClients: number | null;
  readonly isLocked: boolean;
  /** Ticks so far; null for a plain Colyseus room. */
  readonly ticks: number | null;
  readonly isDurable: boolean;
  /** The process that has the room. */
  readonly owner: { readonly host: string; readonly processId: number };
}

export interface SessionSummary {
  readonly sessionId: string;
  readonly userId: string | null;
  readonly name: string | null;
  readonly role: string | null;
  readonly address: string | null;
  readonly queueBytes: number;
}

/** What an operator may see of this process's rooms, and do to them. */
export class RoomAdmin {
  readonly #rooms: OpenRooms;

  constructor(rooms: OpenRooms, bans: BanList) {
    this.#rooms = rooms;
    // Who was let in, and banned while the room's own hooks were asked, is cut here.
    rooms.joined.on((room, client) => {
      const userId = userOf(client)?.user.id;
      if (userId !== undefined && bans.find(userId) !== undefined) cut(room, client);
    });
  }

  list(): RoomSummary[] {
    return [...this.#rooms].map(summarize);
  }

  /** Throws `room-unknown`. */
  describe(roomId: string): RoomSummary & { sessions: SessionSummary[] } {
    const room = this.#find(roomId);
    return { ...summarize(room), sessions: room.clients.map(describeSession) };
  }

  /**
   * Ends a room, and sends everybody in it away for good. A durable room stays in the store, and
   * opens again when somebody asks for it. Throws `room-unknown`, and `not-allowed` for the hub.
   */
  close(roomId: string): void {
    const room = this.#find(roomId);
    if (room.roomName === HUB_ROOM) {
      throw new SyncError("not-allowed", "the hub carries channels and cannot be closed");
    }
    void room.disconnect(CloseCode.CONSENTED);
  }

  /** Sends one session away, which does not come back by itself. Throws `not-found`. */
  kick(sessionId: string): void {
    for (const room of this.#rooms) {
      if (!room.clients.some((client) => client.sessionId === sessionId)) continue;
      room.kickClient(sessionId, CloseCode.CONSENTED, "sent away by a moderator");
      return;
    }
    throw new SyncError("not-found", "there is no such session");
  }

  /** Sends every session of a user away; returns how many there were. */
  cutUser(userId: string): number {
    let count = 0;
    for (const room of this.#rooms) {
      const theirs = room.clients.filter((client) => userOf(client)?.user.id === userId);
      for (const client of theirs) cut(room, client);
      count += theirs.length;
    }
    return count;
  }

  #find(roomId: string): Room {
    const room = this.#rooms.find(roomId);
    if (room === undefined) throw new SyncError("room-unknown", "there is no such room");
    return room;
  }
}

function cut(room: Room, { sessionId }: Client): void {
  room.kickClient(sessionId, CloseCode.CONSENTED, "banned by a moderator");
}

function summarize(room: Room): RoomSummary {
  const ours = room instanceof SyncRoom ? room : undefined;
  return {
    roomId: room.roomId,
    name: room.roomName,
    clients: room.clients.length,
    maxClients: Number.isFinite(room.maxClients) ? room.maxClients : null,
    isLocked: room.locked,
    ticks: ours?.ticksSoFar ?? null,
    isDurable: ours?.persistence !== undefined,
    owner: { host: hostname(), processId: process.pid },
  };
}

function describeSession(client: Client): SessionSummary {
  const ours = userOf(client);
  return {
    sessionId: client.sessionId,
    userId: ours?.user.id ?? null,
    name: ours?.user.name ?? null,
    role: ours?.user.role ?? null,
    address: ours?.peer.ip ?? null,
    queueBytes: ours?.queuedBytes ?? 0,
  };
}

function userOf(client: Client): RoomClient | undefined {
  return client instanceof RoomClient ? client : undefined;
}

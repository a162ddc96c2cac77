import { matchMaker, type Room } from "@colyseus/core";
import { createHash } from "node:crypto";
import { SyncError } from "../../shared/errors.ts";
import type { RoomKeeper } from "../durability/room-keeper.ts";
import type { Persistence } from "../rooms/persistence.ts";
import { SyncRoom } from "../rooms/sync-room.ts";
import type { RoomTable } from "./room-table.ts";

type Listing = Awaited<ReturnType<typeof matchMaker.createRoom>>;
type Options = Record<string, unknown>;

const PLAIN_ROOM_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Finds or creates the one room of a key, for room classes that have `persistence.key`.
 *
 * The key is a field of the instance, because that is where a room class is pleasant to
 * write; so one instance of each class is made, at the first join, to read it from.
 */
export class KeyedRooms {
  readonly #rooms: RoomTable;
  readonly #keeper: RoomKeeper;
  readonly #keys = new Map<string, Persistence["key"] | undefined>();
  readonly #opening = new Map<string, Promise<Listing>>();

  constructor(rooms: RoomTable, keeper: RoomKeeper) {
    this.#rooms = rooms;
    this.#keeper = keeper;
  }

  /**
   * Opens the rooms that somebody may come back to, as an earlier process left them. One that
   * cannot be opened is reported, and keeps nobody else waiting.
   */
  async reopen(onFailure: (roomId: string, error: unknown) => void): Promise<void> {
    const heads = await this.#keeper.roomsWithSeats();
    const openings = heads.map(async ({ roomId, roomName, options }) => {
      try {
        if (!Object.hasOwn(this.#rooms, roomName) || this.#keyOf(roomName) === undefined) {
          throw new SyncError(
            "room-unknown",
            `there is no room "${roomName}" that is kept any more`,
          );
        }
        await this.#openOnce(roomName, roomId, JSON.parse(options) as Options);
      } catch (error) {
        onFailure(roomId, error);
      }
    });
    await Promise.all(openings);
  }

  /** The id of the room that these options lead to; undefined when matchmaking decides. */
  roomIdFor(roomName: string, options: Options): string | undefined {
    const key = this.#keyOf(roomName);
    if (key === undefined) return undefined;
    const value = typeof key === "string" ? key : keyFrom(key, roomName, options);
    if (typeof value !== "string" || value === "") throw keyless(roomName);
    // Colyseus keeps rooms in plain objects, which have some names already.
    if (PLAIN_ROOM_ID.test(value) && !(value in Object.prototype)) return value;
    // Any other key is still one room: the id is a digest of it.
    return createHash("sha256").update(`${roomName}\n${value}`).digest("base64url");
  }

  /** The room with this id, made now if it is not open and `authorize` does not reject. */
  async open(
    roomName: string,
    roomId: string,
    options: Options,
    authorize: () => Promise<void> = () => Promise.resolve(),
  ): Promise<Listing> {
    const isOpen = this.#opening.has(roomId) || (await matchMaker.driver.findOne({ roomId }));
    if (!isOpen) await authorize();
    const listing = await this.#openOnce(roomName, roomId, options);
    if (listing.name === roomName) return listing;
    throw new SyncError("options-invalid", `room "${roomId}" is a "${listing.name}"`);
  }

  /** The same room for everybody who asks for the id at once, under whatever name. */
  #openOnce(roomName: string, roomId: string, options: Options): Promise<Listing> {
    let opening = this.#opening.get(roomId);
    if (opening === undefined) {
      opening = this.#findOrCreate(roomName, roomId, options).finally(() => {
        this.#opening.delete(roomId);
      });
      this.#opening.set(roomId, opening);
    }
    return opening;
  }

  async #findOrCreate(roomName: string, roomId: string, options: Options): Promise<Listing> {
    const listing = await matchMaker.driver.findOne({ roomId });
    if (listing) return listing;
    const head = { roomId, roomName, options: JSON.stringify(options) };
    return this.#keeper.open(head, async () => {
      const created = await matchMaker.handleCreateRoom(roomName, options, undefined, roomId);
      const room = matchMaker.getLocalRoomById(roomId) as Room | undefined;
      if (room instanceof SyncRoom) await room.restoreSeats();
      return created;
    });
  }

  #keyOf(roomName: string): Persistence["key"] | undefined {
    if (this.#keys.has(roomName)) return this.#keys.get(roomName);
    const entry = this.#rooms[roomName];
    const roomClass = typeof entry === "function" ? entry : entry?.klass;
    const isKeyed = roomClass?.prototype instanceof SyncRoom;
    const persistence = isKeyed ? (new roomClass() as SyncRoom).persistence : undefined;
    const key: unknown = persistence?.key;
    if (persistence !== undefined && typeof key !== "string" && typeof key !== "function") {
      const text = `the key of room "${roomName}" is neither a string nor a function`;
      throw new SyncError("options-invalid", text);
    }
    this.#keys.set(roomName, persistence?.key);
    return persistence?.key;
  }
}

type KeyFunction = Exclude<Persistence["key"], string>;

/** What a game's own function makes of the options, which may not be what it expects. */
function keyFrom(key: KeyFunction, roomName: string, options: Options): unknown {
  try {
    return key(options as never);
  } catch (error) {
    throw error instanceof SyncError ? error : keyless(roomName, error);
  }
}

function keyless(roomName: string, cause?: unknown): SyncError {
  const text = `join options of "${roomName}" give no key`;
  return new SyncError("options-invalid", text, { cause });
}

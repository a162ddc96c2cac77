import {
  createAuthContext,
  ErrorCode,
  matchMaker,
  type AuthContext,
  type Room,
} from "@colyseus/core";
import { SyncError } from "../../shared/errors.ts";
import type { IssuedIdentity } from "../../shared/protocol/hello.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { checkShape } from "../rooms/payload-shape.ts";
import { sessionOfToken, strengthenSeat } from "../rooms/colyseus-internals.ts";
import { SyncRoom } from "../rooms/sync-room.ts";
import type { Seat } from "../transport/websocket-transport.ts";
import { isShuttingDown } from "./is-shutting-down.ts";
import { validateOptions, type OptionsSchemaOwner } from "./join-options.ts";
import type { KeyedRooms } from "./keyed-rooms.ts";
import type { SeatBook } from "./seat-book.ts";
import type { UserJoins } from "./user-joins.ts";

/** What a client asks the matchmaker for. */
export interface SeatRequest {
  /** One of Colyseus's: joinOrCreate, create, join, joinById, reconnect. */
  readonly method: string;
  /** Room name, or the room id for joinById and reconnect. */
  readonly target: string;
  readonly options: Record<string, unknown>;
  readonly token: string | undefined;
  readonly headers: Record<string, string | undefined>;
  readonly remoteAddress: string | undefined;
}

type Options = Record<string, unknown>;
type Reservation = Awaited<ReturnType<typeof matchMaker.joinOrCreate>>;

/** A seat, and who it was given to. */
export type SeatAnswer = Reservation & { identity: IssuedIdentity };

const MAX_ATTEMPTS = 3;

export interface MatchmakerParts {
  readonly authenticator: Authenticator;
  readonly keyedRooms: KeyedRooms;
  readonly seats: SeatBook;
  readonly users: UserJoins;
  /** Seats that are taken, held or reserved, in all rooms together. */
  readonly maxSeats: number;
}

/** Finds out who asks and reserves a seat, with Colyseus's matchmaker doing the matching. */
export class Matchmaker {
  readonly #authenticator: Authenticator;
  readonly #keyedRooms: KeyedRooms;
  readonly #seats: SeatBook;
  readonly #users: UserJoins;
  readonly #maxSeats: number;
  #underway = 0;

  constructor({ authenticator, keyedRooms, seats, users, maxSeats }: MatchmakerParts) {
    this.#authenticator = authenticator;
    this.#keyedRooms = keyedRooms;
    this.#seats = seats;
    this.#users = users;
    this.#maxSeats = maxSeats;
  }

  /** Throws `SyncError`, or Colyseus's `ServerError` for what a room's own code refused. */
  async reserve(request: SeatRequest): Promise<SeatAnswer> {
    checkOpen();
    try {
      return await this.#reserve(request);
    } catch (error) {
      // A room that has just closed keeps its seats for the next process: none of them is gone.
      checkOpen();
      throw error;
    }
  }

  async #reserve(request: SeatRequest): Promise<SeatAnswer> {
    const { expiresAt, ...identity } = await this.#authenticator.authenticate(request.token);
    const seat = { user: identity.user, token: request.token, expiresAt };
    const isNew = request.method !== "reconnect";
    const end = this.#users.begin(identity.user.id, isNew);
    try {
      if (!isNew) return { ...(await this.#reconnect(request, seat)), identity };
      return { ...(await this.#seatNew(request, seat)), identity };
    } finally {
      end();
    }
  }

  async #seatNew(request: SeatRequest, seat: Seat): Promise<Reservation> {
    this.#checkRoom();
    this.#underway += 1;
    try {
      const reservation = await this.#match(request);
      const room = matchMaker.getLocalRoomById(reservation.roomId) as Room | undefined;
      const { sessionId: weak } = reservation;
      const sessionId = room === undefined ? weak : strengthenSeat(room, weak);
      this.#seats.reserve(sessionId, seat);
      return { ...reservation, sessionId };
    } finally {
      this.#underway -= 1;
    }
  }

  /** Who comes back has a seat already; everybody else needs one more. */
  #checkRoom(): void {
    if (this.#seats.size + this.#underway < this.#maxSeats) return;
    throw new SyncError("room-full", `the server takes no more than ${this.#maxSeats} connections`);
  }

  async #match(request: SeatRequest): Promise<Reservation> {
    const { method, target } = request;
    if (!matchMaker.controller.exposedMethods.includes(method)) {
      throw new SyncError("options-invalid", `there is no matchmaking method "${method}"`);
    }
    const isByName = method !== "joinById";
    // Own names only: "constructor" is not a room.
    if (isByName && !Object.hasOwn(matchMaker.getAllHandlers(), target)) {
      throw new SyncError("room-unknown", `there is no room "${target}"`);
    }
    const options = await this.#readOptions(request);
    const context = createAuthContext({
      headers: request.headers,
      ...(request.token === undefined ? {} : { token: request.token }),
      ...(request.remoteAddress === undefined ? {} : { remoteAddress: request.remoteAddress }),
    });
    const roomId = isByName ? this.#keyedRooms.roomIdFor(target, options) : undefined;
    if (roomId !== undefined) return this.#joinKeyed(target, roomId, options, context);
    if (isByName) return matchMaker.controller.invokeMethod(method, target, options, context);
    return joinById(target, options, context);
  }

  /** Unknown ids are found out only when they are asked for: no earlier than known ones. */
  async #readOptions({ method, target, options }: SeatRequest): Promise<Options> {
    checkShape(options, "options-invalid", "join options");
    const isByName = method !== "joinById";
    const roomName = isByName
      ? target
      : (await matchMaker.driver.findOne({ roomId: target }))?.name;
    const roomClass = roomName === undefined ? undefined : matchMaker.getRoomClass(roomName);
    return validateOptions(roomClass as unknown as OptionsSchemaOwner | undefined, options);
  }

  async #joinKeyed(
    roomName: string,
    roomId: string,
    options: Options,
    context: AuthContext,
  ): Promise<Reservation> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#keyedRooms.open(roomName, roomId, options, () =>
        authorizeJoin(roomName, options, context),
      );
      try {
        return await matchMaker.controller.invokeMethod("joinById", roomId, options, context);
      } catch (cause) {
        const listing = await matchMaker.driver.findOne({ roomId });
        if (listing?.locked === true) {
          throw new SyncError("room-full", `room "${roomId}" takes nobody else`, { cause });
        }
        // The room closed between the two steps: its successor can be opened now.
        if (listing || attempt === MAX_ATTEMPTS) throw cause;
      }
    }
  }

  /**
   * A held seat goes back only to the user it was given to, and nothing happens to it when
   * somebody else asks. A stock SDK without a token cannot prove who it is: for it the
   * reconnection token alone counts, as in Colyseus. All refusals are alike: who tries room
   * ids and tokens learns nothing.
   */
  async #reconnect({ target, options, token }: SeatRequest, asker: Seat): Promise<Reservation> {
    const room = matchMaker.getLocalRoomById(target) as Room | undefined;
    const sessionId = room && sessionOfProof(room, options["reconnectionToken"]);
    const seat = sessionId === undefined ? undefined : this.#seats.find(sessionId);
    const isStockGuest =
      token === undefined && seat !== undefined && seat.token === undefined && seat.isOurs !== true;
    if (seat === undefined || (seat.user.id !== asker.user.id && !isStockGuest)) {
      throw new SyncError("session-expired", "there is no seat to come back to");
    }
    const reservation = await matchMaker.controller
      .invokeMethod("reconnect", target, options)
      .catch((cause: unknown) => {
        throw new SyncError("session-expired", "there is no seat to come back to", { cause });
      });
    this.#seats.renew(reservation.sessionId, asker);
    this.#seats.admit(reservation.sessionId);
    return reservation;
  }
}

function checkOpen(): void {
  if (isShuttingDown()) throw new SyncError("unreachable", "the server is shutting down");
}

function sessionOfProof(room: Room, proof: unknown): string | undefined {
  if (typeof proof !== "string") return undefined;
  return room instanceof SyncRoom ? room.sessionOf(proof) : sessionOfToken(room, proof);
}

/** A room that is not there, and one that takes nobody, look the same: ids cannot be probed. */
async function joinById(
  roomId: string,
  options: Options,
  context: AuthContext,
): Promise<Reservation> {
  const listing = await matchMaker.driver.findOne({ roomId });
  const refusal = new SyncError("room-unknown", "no room of this id takes anybody");
  if (listing === undefined || listing === null || listing.locked === true) throw refusal;
  try {
    return await matchMaker.controller.invokeMethod("joinById", roomId, options, context);
  } catch (error) {
    const isClosed = (error as { code?: number }).code === ErrorCode.MATCHMAKE_INVALID_ROOM_ID;
    throw isClosed ? refusal : error;
  }
}

/** Asks the room's own static `onAuth`, so that nobody makes a room who may not join it. */
async function authorizeJoin(
  roomName: string,
  options: Options,
  context: AuthContext,
): Promise<void> {
  const roomClass = matchMaker.getRoomClass(roomName) as unknown as typeof Room;
  const isAllowed: unknown = await roomClass.onAuth(context.token ?? "", options, context);
  if (!isAllowed) throw new SyncError("auth-failed", `"${roomName}" lets nobody in without leave`);
}

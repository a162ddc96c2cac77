import { createAuthContext, matchMaker, type AuthContext, type Room } from "@colyseus/core";
import { SyncError } from "../../shared/errors.ts";
import type { Identity, IssuedIdentity } from "../../shared/protocol/hello.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { KeyedRooms } from "./keyed-rooms.ts";
import type { SeatBook } from "./seat-book.ts";

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

type Reservation = Awaited<ReturnType<typeof matchMaker.joinOrCreate>>;

/** A seat, and who it was given to. */
export type SeatAnswer = Reservation & { identity: IssuedIdentity };

const MAX_ATTEMPTS = 3;

/** Finds out who asks and reserves a seat, with Colyseus's matchmaker doing the matching. */
export class Matchmaker {
  readonly #authenticator: Authenticator;
  readonly #keyedRooms: KeyedRooms;
  readonly #seats: SeatBook;
  readonly #maxSeats: number;
  #underway = 0;

  constructor(
    authenticator: Authenticator,
    keyedRooms: KeyedRooms,
    seats: SeatBook,
    maxSeats = Infinity,
  ) {
    this.#authenticator = authenticator;
    this.#keyedRooms = keyedRooms;
    this.#seats = seats;
    this.#maxSeats = maxSeats;
  }

  /** Throws `SyncError`, or Colyseus's `ServerError` for what a room's own code refused. */
  async reserve(request: SeatRequest): Promise<SeatAnswer> {
    const { expiresAt, ...identity } = await this.#authenticator.authenticate(request.token);
    const seat = { user: identity.user, token: request.token, expiresAt };
    const isNew = request.method !== "reconnect";
    if (isNew) this.#checkRoom();
    this.#underway += isNew ? 1 : 0;
    try {
      const reservation = await this.#match(request, identity.user);
      const { sessionId } = reservation;
      if (isNew) {
        this.#seats.reserve(sessionId, seat);
      } else {
        this.#seats.renew(sessionId, seat);
        this.#seats.admit(sessionId);
      }
      return { ...reservation, identity };
    } finally {
      this.#underway -= isNew ? 1 : 0;
    }
  }

  /** Who comes back has a seat already; everybody else needs one more. */
  #checkRoom(): void {
    if (this.#seats.size + this.#underway < this.#maxSeats) return;
    throw new SyncError("room-full", `the server takes no more than ${this.#maxSeats} connections`);
  }

  async #match(request: SeatRequest, user: Identity): Promise<Reservation> {
    const { method, target, options } = request;
    if (!matchMaker.controller.exposedMethods.includes(method)) {
      throw new SyncError("options-invalid", `there is no matchmaking method "${method}"`);
    }
    if (method === "reconnect") return this.#reconnect(request, user);
    const isByName = method !== "joinById";
    // Own names only: "constructor" is not a room.
    if (isByName && !Object.hasOwn(matchMaker.getAllHandlers(), target)) {
      throw new SyncError("room-unknown", `there is no room "${target}"`);
    }
    const context = createAuthContext({
      headers: request.headers,
      ...(request.token === undefined ? {} : { token: request.token }),
      ...(request.remoteAddress === undefined ? {} : { remoteAddress: request.remoteAddress }),
    });
    const roomId = isByName ? this.#keyedRooms.roomIdFor(target, options) : undefined;
    if (roomId !== undefined) return this.#joinKeyed(target, roomId, options, context);
    return matchMaker.controller.invokeMethod(method, target, options, context);
  }

  async #joinKeyed(
    roomName: string,
    roomId: string,
    options: Record<string, unknown>,
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
   * A held seat goes back only to the user it was given to. A stock SDK without a token
   * cannot prove who it is: for it the reconnection token alone counts, as in Colyseus.
   */
  async #reconnect(request: SeatRequest, user: Identity): Promise<Reservation> {
    const { target, options, token } = request;
    const reservation = await matchMaker.controller.invokeMethod("reconnect", target, options);
    const seat = this.#seats.find(reservation.sessionId);
    const isStockGuest = token === undefined && seat?.token === undefined && seat?.isOurs !== true;
    if (seat?.user.id === user.id || isStockGuest) return reservation;
    throw new SyncError("session-expired", "the seat belongs to somebody else");
  }
}

/** Asks the room's own static `onAuth`, so that nobody makes a room who may not join it. */
async function authorizeJoin(
  roomName: string,
  options: Record<string, unknown>,
  context: AuthContext,
): Promise<void> {
  const roomClass = matchMaker.getRoomClass(roomName) as unknown as typeof Room;
  const isAllowed: unknown = await roomClass.onAuth(context.token ?? "", options, context);
  if (!isAllowed) throw new SyncError("auth-failed", `"${roomName}" lets nobody in without leave`);
}

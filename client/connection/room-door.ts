import { SyncError } from "../../shared/errors.ts";
import {
  PROTOCOL_VERSION,
  RECONNECT_SUBPROTOCOL_PREFIX,
  SCHEMA_SUBPROTOCOL_PREFIX,
  VERSION_SUBPROTOCOL_PREFIX,
} from "../../shared/protocol/protocol-version.ts";
import type { StateDecoder } from "../state/state-decoder.ts";
import type { ConnectionParts } from "./connection-parts.ts";
import { type EnteredRoom, RoomEntry } from "./room-entry.ts";
import { RoomSocket } from "./room-socket.ts";
import type { Seat } from "./seat.ts";
import type { TrafficCounter } from "./traffic.ts";

/** Reasons to ask again later rather than to think that the held seat is gone. */
const SEAT_MAY_BE_HELD: ReadonlySet<string> = new Set([
  "auth-failed",
  "closed",
  "rate-limited",
  "store-unavailable",
  "timed-out",
  "unreachable",
]);

/** The ways into a room: a seat of its own, or back to the one it holds for us. */
export class RoomDoor {
  readonly #parts: ConnectionParts;
  readonly #name: string;
  readonly #options: unknown;
  readonly #traffic: TrafficCounter;

  constructor(parts: ConnectionParts, name: string, options: unknown, traffic: TrafficCounter) {
    this.#parts = parts;
    this.#name = name;
    this.#options = options;
    this.#traffic = traffic;
  }

  /** Joins or creates the room; resolves when its first state is applied. */
  async enter(known: EnteredRoom | undefined, signal: AbortSignal): Promise<EnteredRoom> {
    const seat = await this.#parts.matchmaker.reserve(this.#name, this.#options, signal);
    return await this.#open(seat, undefined, known, signal);
  }

  /** Back to the held seat; undefined when the room or the seat is gone. */
  async reenter(known: EnteredRoom, signal: AbortSignal): Promise<EnteredRoom | undefined> {
    const { roomId } = known.seat;
    let seat: Seat;
    try {
      seat = await this.#parts.matchmaker.reclaim(roomId, known.reconnectionToken, signal);
    } catch (error) {
      if (!(error instanceof SyncError) || SEAT_MAY_BE_HELD.has(error.code)) throw error;
      return undefined;
    }
    return await this.#open(seat, known.reconnectionToken, known, signal);
  }

  async #open(
    seat: Seat,
    reconnectionToken: string | undefined,
    known: EnteredRoom | undefined,
    signal: AbortSignal,
  ): Promise<EnteredRoom> {
    if (signal.aborted) throw new SyncError("closed", "the join was given up");
    const { clock } = this.#parts;
    const protocols = subprotocols(reconnectionToken, known?.hello?.schema);
    const socket = new RoomSocket(this.#openSocket(seat, protocols), this.#traffic, clock);
    const held = { schema: known?.hello?.schema, decoder: sameSeatDecoder(seat, known) };
    const entry = new RoomEntry(socket, seat, held, clock);
    const abandon = (): void => entry.abandon();
    signal.addEventListener("abort", abandon);
    try {
      return await entry.done;
    } finally {
      signal.removeEventListener("abort", abandon);
    }
  }

  #openSocket(seat: Seat, protocols: string[]): ReturnType<ConnectionParts["webSocket"]> {
    const url = this.#parts.endpoint.socketUrl(seat);
    try {
      return this.#parts.webSocket(url, protocols);
    } catch (cause) {
      throw new SyncError("unreachable", `cannot open a socket to ${url}`, { cause });
    }
  }
}

function subprotocols(reconnectionToken: string | undefined, schema: string | undefined): string[] {
  const protocols = [`${VERSION_SUBPROTOCOL_PREFIX}${PROTOCOL_VERSION}`];
  if (reconnectionToken !== undefined) {
    protocols.push(`${RECONNECT_SUBPROTOCOL_PREFIX}${reconnectionToken}`);
  }
  if (schema !== undefined && schema !== "")
    protocols.push(`${SCHEMA_SUBPROTOCOL_PREFIX}${schema}`);
  return protocols;
}

/** Only the same seat of the same room numbers its objects as the state we hold does. */
function sameSeatDecoder(seat: Seat, known: EnteredRoom | undefined): StateDecoder | undefined {
  if (known?.decoder === undefined || known.decoder.isDamaged) return undefined;
  const isSame = known.seat.roomId === seat.roomId && known.seat.sessionId === seat.sessionId;
  return isSame ? known.decoder : undefined;
}

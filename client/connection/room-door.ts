import { SyncError } from "../../shared/errors.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
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

/** Refusals of a held seat that mean the same; any other may pass. */
const REFUSED_WITHOUT_SEAT: ReadonlySet<string> = new Set([
  "join-refused",
  "room-unknown",
  "session-expired",
]);

/** The ways into a room: a new seat, or back to the one it holds for us. */
export class RoomDoor {
  readonly #parts: ConnectionParts;
  readonly #name: string;
  readonly #options: string;
  readonly #traffic: TrafficCounter;
  #isSeatHeld = true;

  constructor(parts: ConnectionParts, name: string, options: unknown, traffic: TrafficCounter) {
    this.#parts = parts;
    this.#name = name;
    this.#options = encodeOptions(name, options);
    this.#traffic = traffic;
  }

  /** Joins or creates the room; resolves when its first state is applied. */
  async enter(signal: AbortSignal): Promise<EnteredRoom> {
    return await this.#enter(undefined, signal);
  }

  /** The connection was closed with that code. */
  lost(code: number): void {
    // A room that is kept has our seat in the next process as well: it is worth asking.
    this.#isSeatHeld = code !== CloseCode.FAILED_TO_RECONNECT;
  }

  /** Back into the room of before: to the held seat, or to a new one when that is gone. */
  async reenter(known: EnteredRoom, signal: AbortSignal): Promise<EnteredRoom> {
    try {
      if (this.#isSeatHeld) return await this.#reclaim(known, signal);
    } catch (error) {
      if (!(error instanceof SyncError) || !REFUSED_WITHOUT_SEAT.has(error.code)) throw error;
      this.#isSeatHeld = false;
    }
    return await this.#enter(known, signal);
  }

  async #enter(known: EnteredRoom | undefined, signal: AbortSignal): Promise<EnteredRoom> {
    const seat = await this.#parts.matchmaker.reserve(this.#name, this.#options, signal);
    return await this.#open(seat, undefined, known, signal);
  }

  async #reclaim(known: EnteredRoom, signal: AbortSignal): Promise<EnteredRoom> {
    const { roomId } = known.seat;
    const { reconnectionToken } = known;
    const seat = await this.#parts.matchmaker.reclaim(roomId, reconnectionToken, signal);
    return await this.#open(seat, reconnectionToken, known, signal);
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

/** Once, so that every rejoin asks for what the first join asked for. */
function encodeOptions(name: string, options: unknown): string {
  try {
    return JSON.stringify(options ?? {});
  } catch (cause) {
    throw new SyncError("options-invalid", `options of "${name}" are not JSON`, { cause });
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

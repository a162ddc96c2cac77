import { SyncError } from "../../shared/errors.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import {
  BUILD_SUBPROTOCOL_PREFIX,
  PROTOCOL_VERSION,
  RECONNECT_SUBPROTOCOL_PREFIX,
  SCHEMA_SUBPROTOCOL_PREFIX,
  VERSION_SUBPROTOCOL_PREFIX,
} from "../../shared/protocol/protocol-version.ts";
import type { StateDecoder } from "../state/state-decoder.ts";
import type { ConnectionParts } from "./connection-parts.ts";
import type { KeptSeat } from "./kept-seats.ts";
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

  /**
   * Joins or creates the room; resolves when its first state is applied. A seat that an older
   * page of this tab has left is ours, if it is still there.
   */
  async enter(signal: AbortSignal): Promise<EnteredRoom> {
    const { keptSeats } = this.#parts;
    const kept = keptSeats.take(this.#name, this.#options);
    if (kept === undefined) return await this.#enter(undefined, signal);
    try {
      return await this.#reclaim(kept, undefined, signal);
    } catch (error) {
      if (!isSeatGone(error)) {
        // Nobody has it yet: it waits for the next attempt.
        if (!signal.aborted) keptSeats.keep([kept]);
        throw error;
      }
    }
    return await this.#enter(undefined, signal);
  }

  /** What a newer page needs to sit where we do. */
  seatToKeep({ seat, reconnectionToken }: EnteredRoom): KeptSeat {
    const { roomId } = seat;
    return { name: this.#name, options: this.#options, roomId, reconnectionToken };
  }

  /** The connection was closed with that code. */
  lost(code: number): void {
    // A room that is kept has our seat in the next process as well: it is worth asking.
    this.#isSeatHeld = code !== CloseCode.FAILED_TO_RECONNECT;
  }

  /** Back into the room of before: to the held seat, or to a new one when that is gone. */
  async reenter(known: EnteredRoom, signal: AbortSignal): Promise<EnteredRoom> {
    try {
      if (this.#isSeatHeld) return await this.#reclaim(this.seatToKeep(known), known, signal);
    } catch (error) {
      if (!isSeatGone(error)) throw error;
      this.#isSeatHeld = false;
    }
    return await this.#enter(known, signal);
  }

  async #enter(known: EnteredRoom | undefined, signal: AbortSignal): Promise<EnteredRoom> {
    const seat = await this.#parts.matchmaker.reserve(this.#name, this.#options, signal);
    return await this.#open(seat, undefined, known, signal);
  }

  async #reclaim(
    { roomId, reconnectionToken }: KeptSeat,
    known: EnteredRoom | undefined,
    signal: AbortSignal,
  ): Promise<EnteredRoom> {
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
    const { clock, pageBuild } = this.#parts;
    const build = pageBuild.value;
    const schema = known?.hello?.schema;
    const protocols = subprotocols({ reconnectionToken, schema, build });
    const socket = new RoomSocket(this.#openSocket(seat, protocols), this.#traffic, clock);
    const held = { schema, build, decoder: sameSeatDecoder(seat, known) };
    const entry = new RoomEntry(socket, seat, held, clock);
    const abandon = (): void => entry.abandon();
    signal.addEventListener("abort", abandon);
    try {
      const entered = await entry.done;
      pageBuild.met(entered.hello?.build);
      return entered;
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

function isSeatGone(error: unknown): boolean {
  return error instanceof SyncError && REFUSED_WITHOUT_SEAT.has(error.code);
}

interface Claim {
  reconnectionToken: string | undefined;
  schema: string | undefined;
  build: string | undefined;
}

function subprotocols({ reconnectionToken, schema, build }: Claim): string[] {
  const protocols = [`${VERSION_SUBPROTOCOL_PREFIX}${PROTOCOL_VERSION}`];
  if (reconnectionToken !== undefined) {
    protocols.push(`${RECONNECT_SUBPROTOCOL_PREFIX}${reconnectionToken}`);
  }
  if (schema !== undefined && schema !== "")
    protocols.push(`${SCHEMA_SUBPROTOCOL_PREFIX}${schema}`);
  if (build !== undefined) protocols.push(`${BUILD_SUBPROTOCOL_PREFIX}${build}`);
  return protocols;
}

/** Only the same seat of the same room numbers its objects as the state we hold does. */
function sameSeatDecoder(seat: Seat, known: EnteredRoom | undefined): StateDecoder | undefined {
  if (known?.decoder === undefined || known.decoder.isDamaged) return undefined;
  const isSame = known.seat.roomId === seat.roomId && known.seat.sessionId === seat.sessionId;
  return isSame ? known.decoder : undefined;
}

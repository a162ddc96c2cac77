import { createHash } from "node:crypto";
import type { Client, Room } from "@colyseus/core";
import type { DurableRoom } from "../durability/durable-room.ts";
import type { SavedSeat } from "../durability/tick-content.ts";
import { absentSocket } from "../transport/absent-socket.ts";
import { RoomClient, type FrameGate } from "../transport/websocket-client.ts";
import type { Seat } from "../transport/websocket-transport.ts";
import {
  dropFormerClient,
  renameHeldSeat,
  watchJoins,
  watchLeaves,
  watchReturns,
} from "./colyseus-internals.ts";

/** Where the server writes down whom each session was given to. */
export interface SeatLedger {
  find(sessionId: string): Seat | undefined;
  /** Takes up a seat that an earlier process gave. */
  restore(sessionId: string, seat: Seat): void;
}

/** Begins a name under which no client can claim a seat: that of a token's hash. */
const HASH_PREFIX = "sha256:";

/**
 * Keeps a durable room's seats beside its state, so that who was in the room when the process
 * ended comes back to the same session. Tokens are kept as hashes only.
 */
export class DurableSeats {
  readonly #room: Room;
  readonly #durable: DurableRoom;
  readonly #ledger: SeatLedger;
  readonly #restored = new WeakSet<Client>();

  constructor(room: Room, durable: DurableRoom, ledger: SeatLedger, onChange: () => void) {
    this.#room = room;
    this.#durable = durable;
    this.#ledger = ledger;
    const note = (client: Client): void => {
      this.#note(client);
      onChange();
    };
    watchJoins(room, note);
    watchReturns(room, note);
    watchLeaves(room, ({ sessionId }) => {
      durable.noteGoneSeat(sessionId);
      onChange();
    });
  }

  /** Puts everybody back who was there when the earlier process ended, as dropped just now. */
  async restore(gate: FrameGate): Promise<void> {
    for (const saved of this.#durable.restored?.seats ?? []) {
      const { sessionId, user, isOurs, hasToken, expiresAt, tokenHash } = saved;
      this.#ledger.restore(sessionId, {
        user,
        isOurs,
        expiresAt,
        // Which one it was is not kept: that there was one says that another has to be shown.
        token: hasToken ? "" : undefined,
      });
      const client = new RoomClient(sessionId, absentSocket(), user, gate);
      client.reconnectionToken = HASH_PREFIX + tokenHash;
      this.#restored.add(client);
      // oxlint-disable-next-line no-await-in-loop -- in the order in which they had joined
      await dropFormerClient(this.#room, client);
    }
  }

  /** Whether it only stands for somebody who was there when the earlier process ended. */
  isRestored(client: Client): boolean {
    return this.#restored.has(client);
  }

  /** Whether the token may be looked up; a seat that is held under its hash is given its name. */
  admit(token: unknown): boolean {
    if (typeof token !== "string" || token.startsWith(HASH_PREFIX)) return false;
    renameHeldSeat(this.#room, HASH_PREFIX + hashOf(token), token);
    return true;
  }

  #note(client: Client): void {
    const { sessionId, reconnectionToken } = client;
    const seat = this.#ledger.find(sessionId);
    // A client that a test or another transport brought has no user and cannot come back.
    if (!(client instanceof RoomClient) || reconnectionToken.startsWith(HASH_PREFIX)) return;
    const saved: SavedSeat = {
      sessionId,
      user: client.user,
      tokenHash: hashOf(reconnectionToken),
      isOurs: seat?.isOurs === true,
      hasToken: seat?.token !== undefined,
      expiresAt: seat?.expiresAt,
    };
    this.#durable.noteSeat(saved);
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

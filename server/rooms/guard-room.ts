import type { Room } from "@colyseus/core";
import { MAX_INTENT_BYTES } from "../../shared/limits.ts";
import { FrameBudget } from "../limits/frame-budget.ts";
import type { RoomClient } from "../transport/websocket-client.ts";
import { filterInboundFrames } from "./colyseus-internals.ts";
import { InboundGuard } from "./inbound-guard.ts";
import type { LentParts } from "./lent-parts.ts";

/** What stands between a room and its clients, with what the server counts for all of its rooms. */
export function createInboundGuard(
  room: Room,
  { clock, frameBudgets, limits }: LentParts,
  maxIntentBytes: () => number,
): InboundGuard {
  return new InboundGuard({
    clock,
    openBudget: (client) => {
      const { user, peer } = client as unknown as RoomClient;
      return frameBudgets?.open(user.id, peer.ip) ?? new FrameBudget(limits.connection);
    },
    maxIntentBytes,
    kick: (client, code, reason) => room.kickClient(client.sessionId, code, reason),
  });
}

/** Guards a plain Colyseus room, whose messages are as large as Colyseus lets them be. */
export function guardPlainRoom(room: Room, lent: LentParts): void {
  const guard = createInboundGuard(room, lent, () => MAX_INTENT_BYTES);
  filterInboundFrames(room, (client, frame, next) => guard.pass(client, frame, next));
}

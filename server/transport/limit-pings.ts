import type { WebSocket } from "ws";
import type { Clock } from "../../shared/clock.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import type { FrameBudget } from "../limits/frame-budget.ts";

/** Closes a peer that pings as a flood does: each ping is answered, and no room ever sees it. */
export function limitPings(socket: WebSocket, clock: Clock, openBudget: () => FrameBudget): void {
  // Most peers never ping.
  let budget: FrameBudget | undefined;
  socket.on("ping", (data: Buffer) => {
    budget ??= openBudget();
    const excess = budget.take(data.byteLength, clock.now());
    if (excess !== undefined) socket.close(CloseCode.FLOODED, excess);
  });
}

import type { Clock } from "../../shared/clock.ts";
import type { Endpoint } from "./endpoint.ts";
import type { IntentIds } from "./intent-ids.ts";
import type { KeptSeats } from "./kept-seats.ts";
import type { Matchmaker } from "./matchmake.ts";
import type { PageBuild } from "./page-build.ts";
import type { ReconnectPolicy } from "./reconnect-policy.ts";
import type { WakeSignals } from "./wake-signals.ts";
import type { WebSocketFactory } from "./websocket-like.ts";

/** What every room of one client shares. */
export interface ConnectionParts {
  readonly endpoint: Endpoint;
  readonly matchmaker: Matchmaker;
  readonly pageBuild: PageBuild;
  readonly keptSeats: KeptSeats;
  readonly intentIds: IntentIds;
  readonly clock: Clock;
  readonly random: () => number;
  readonly wakeSignals: WakeSignals;
  readonly reconnect: ReconnectPolicy;
  readonly webSocket: WebSocketFactory;
  /** How often each room verifies its state by itself; undefined: never. */
  readonly verifyStateEveryMs: number | undefined;
}

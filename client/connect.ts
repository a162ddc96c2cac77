import type { Clock } from "../shared/clock.ts";
import { SyncError } from "../shared/errors.ts";
import type { ServerType } from "../shared/room-types.ts";
import { registerGrid } from "../shared/state/grid-field.ts";
import { systemClock } from "../shared/system-clock.ts";
import { Endpoint } from "./connection/endpoint.ts";
import { defaultTokenStorage, GuestToken, type TokenStorage } from "./connection/guest-token.ts";
import { IntentIds, strongRandom } from "./connection/intent-ids.ts";
import { defaultSeatStorage, KeptSeats } from "./connection/kept-seats.ts";
import { Matchmaker } from "./connection/matchmake.ts";
import { PageBuild } from "./connection/page-build.ts";
import { type ReconnectOptions, reconnectPolicy } from "./connection/reconnect-policy.ts";
import { BrowserWakeSignals, type WakeSignals } from "./connection/wake-signals.ts";
import { openWebSocket, type WebSocketFactory } from "./connection/websocket-like.ts";
import { RealtimeClient } from "./realtime-client.ts";

/** Everything here has a default that is right in a browser and in Node. */
export interface ConnectOptions {
  /** Says who we are. Without it, a guest's token kept from an earlier visit does. */
  token?: string;
  /** Keeps a guest's token; null keeps none. By default `localStorage`, where there is one. */
  storage?: TokenStorage | null;
  /**
   * Keeps our seats, when this page is found to be older than the server, for the page that
   * replaces it; null keeps none. By default `sessionStorage`, where there is one.
   */
  seatStorage?: TokenStorage | null;
  /**
   * Verifies each room's state by itself, about this often, as `verifyState` does. Off unless
   * given: it costs the room a walk over its state.
   */
  verifyStateEveryMs?: number;
  /** How it comes back after a loss. By default after 1, 2, 4 … 30 s, for as long as it takes. */
  reconnect?: ReconnectOptions;
  /** Where time and chance come from. */
  clock?: Clock;
  random?: () => number;
  /** The platform's own, unless given. */
  webSocket?: WebSocketFactory;
  fetch?: typeof fetch;
  wakeSignals?: WakeSignals;
}

/**
 * A client of the server at `url` (`ws`, `wss`, `http` or `https`; a path alone means the
 * page's own server). Nothing is sent before the first join. `Server` is the type of the
 * server's `createServer(…)`, imported with `import type`: room names, states, messages and
 * replies follow from it.
 */
export function connect<Server extends ServerType>(
  url: string,
  options: ConnectOptions = {},
): RealtimeClient<Server> {
  registerGrid();
  const { verifyStateEveryMs } = options;
  if (verifyStateEveryMs !== undefined && !(verifyStateEveryMs > 0)) {
    const message = `verifyStateEveryMs ${verifyStateEveryMs} is not more than 0`;
    throw new SyncError("options-invalid", message);
  }
  const endpoint = new Endpoint(url);
  const storage = options.storage === undefined ? defaultTokenStorage() : options.storage;
  const key = `atrium-guest@${endpoint.host}`;
  const token = new GuestToken(options.token, storage ?? undefined, key);
  const seatStorage =
    options.seatStorage === undefined ? defaultSeatStorage() : options.seatStorage;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? strongRandom;
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  return new RealtimeClient<Server>(
    {
      endpoint,
      pageBuild: new PageBuild(),
      keptSeats: new KeptSeats(seatStorage ?? undefined, `atrium-seats@${endpoint.host}`),
      matchmaker: new Matchmaker({ endpoint, token, clock, fetch }),
      intentIds: new IntentIds(random),
      clock,
      random,
      wakeSignals: options.wakeSignals ?? new BrowserWakeSignals(),
      reconnect: reconnectPolicy(options.reconnect),
      webSocket: options.webSocket ?? openWebSocket,
      verifyStateEveryMs,
    },
    token,
  );
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../shared/clock.ts";
import { AdminAccess } from "./admin/admin-access.ts";
import { toAdminRules } from "./admin/admin-options.ts";
import { AdminRoute } from "./admin/admin-route.ts";
import type { BanList } from "./admin/ban-list.ts";
import { RoomAdmin } from "./admin/room-admin.ts";
import type { Authenticator } from "./auth/authenticator.ts";
import { ServerHealth } from "./health/server-health.ts";
import { StoreProbe } from "./health/store-probe.ts";
import { HealthRoute } from "./http/health-route.ts";
import { MetricsRoute } from "./http/metrics-route.ts";
import type { Entrance } from "./http/entrance.ts";
import type { Logger } from "./logger.ts";
import { noMeter, type Meter } from "./metrics/meter.ts";
import { Metrics } from "./metrics/metrics.ts";
import { toMetricsKeys } from "./metrics/metrics-options.ts";
import type { Store } from "./persistence/store.ts";
import { OpenRooms } from "./rooms/open-rooms.ts";
import type { OperationOptions } from "./server-options.ts";

/** What answers some of the requests; false: it is somebody else's. */
export interface Route {
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

/** What operators see of a server, and do to it. */
export interface Operations {
  readonly rooms: OpenRooms;
  readonly meter: Meter;
  readonly health: ServerHealth;
  /** Answered from the moment that the server begins to open. */
  readonly healthRoutes: readonly Route[];
  /** Answered once it is open. */
  readonly routes: readonly Route[];
  start(): void;
  stop(): void;
}

export interface OperationParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Store;
  readonly authenticator: Authenticator;
  readonly bans: BanList;
  readonly entrance: Entrance;
}

/** Throws `options-invalid` for what would open a server that must not be, or nobody could use. */
export function createOperations(options: OperationOptions, parts: OperationParts): Operations {
  const { clock, logger, store, authenticator, bans, entrance } = parts;
  const rooms = new OpenRooms();
  const health = new ServerHealth(new StoreProbe(store, clock));
  const routes: Route[] = [];
  let metrics: Metrics | undefined;
  if (options.metrics !== undefined) {
    const keys = toMetricsKeys(options.metrics);
    metrics = new Metrics(rooms);
    routes.push(new MetricsRoute(metrics, keys, entrance, logger));
  }
  const meter = metrics ?? noMeter;
  if (options.admin !== undefined) {
    const rules = toAdminRules(options.admin, options.auth !== undefined);
    const access = new AdminAccess(rules, authenticator, entrance);
    const admin = new RoomAdmin(rooms, bans);
    routes.push(new AdminRoute({ access, rooms: admin, bans, clock, logger, meter }));
  }
  return {
    rooms,
    meter,
    health,
    healthRoutes: options.health === false ? [] : [new HealthRoute(health)],
    routes,
    start: () => metrics?.start(),
    stop: () => metrics?.stop(),
  };
}

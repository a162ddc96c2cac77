import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerHealth } from "../health/server-health.ts";
import { pathOf } from "./path-of.ts";
import { sendJson } from "./send-json.ts";

/**
 * `GET /healthz/live`: 200 as long as the process answers at all. `GET /healthz/ready`, and
 * `/healthz` for short: 200 when it can be sent players, 503 while it starts, while it shuts
 * down and when the store takes no writes. Why not is for the log, not for strangers.
 */
export class HealthRoute {
  readonly #health: ServerHealth;

  constructor(health: ServerHealth) {
    this.#health = health;
  }

  /** Answers the request if it asks for health; false: it is somebody else's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const path = pathOf(request);
    const isLive = path === "/healthz/live";
    if (!isLive && path !== "/healthz/ready" && path !== "/healthz") return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { Allow: "GET, HEAD" }).end();
    } else if (isLive) {
      sendJson(response, 200, { status: "live" });
    } else {
      void this.#health
        .isReady()
        .then((isReady) =>
          sendJson(response, isReady ? 200 : 503, { status: isReady ? "ready" : "not-ready" }),
        );
    }
    return true;
  }
}

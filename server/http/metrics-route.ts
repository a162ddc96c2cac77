import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Entrance } from "./entrance.ts";
import { countFailedAttempt } from "./failed-attempt.ts";
import type { ApiKeys } from "./api-keys.ts";
import { bearerOf } from "./bearer-of.ts";
import { pathOf } from "./path-of.ts";

/** `GET /metrics`, for whoever has a key; without any key it is open. */
export class MetricsRoute {
  readonly #entrance: Entrance;
  readonly #metrics: Metrics;
  readonly #keys: ApiKeys;
  readonly #logger: Logger;

  constructor(metrics: Metrics, keys: ApiKeys, entrance: Entrance, logger: Logger) {
    this.#entrance = entrance;
    this.#metrics = metrics;
    this.#keys = keys;
    this.#logger = logger;
  }

  /** Answers the request if it is for the metrics; false: it is somebody else's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (pathOf(request) !== "/metrics") return false;
    if (request.method !== "GET") {
      response.writeHead(405, { Allow: "GET" }).end();
    } else if (this.#admits(request)) {
      void this.#answer(response);
    } else {
      this.#refuse(request, response);
    }
    return true;
  }

  #refuse(request: IncomingMessage, response: ServerResponse): void {
    try {
      countFailedAttempt(this.#entrance, request);
      response.writeHead(401, { "WWW-Authenticate": "Bearer" }).end();
    } catch {
      // Too many of them: whoever has the key is not told to wait.
      response.writeHead(429).end();
    }
  }

  #admits(request: IncomingMessage): boolean {
    return this.#keys.isEmpty || this.#keys.has(bearerOf(request));
  }

  async #answer(response: ServerResponse): Promise<void> {
    try {
      const text = await this.#metrics.format();
      const headers = { "Content-Type": this.#metrics.contentType, "Cache-Control": "no-store" };
      response.writeHead(200, headers).end(text);
    } catch (error) {
      this.#logger.error("metrics could not be read", error);
      response.writeHead(500).end();
    }
  }
}

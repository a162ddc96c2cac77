import type { IncomingMessage, ServerResponse } from "node:http";
import { SyncError } from "../../shared/errors.ts";
import { JOIN_TIMEOUT_MS, MAX_MATCHMAKE_BODY_BYTES } from "../../shared/limits.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";
import type { Logger } from "../logger.ts";
import { redactText } from "../logging/redact.ts";
import type { Meter } from "../metrics/meter.ts";
import type { Matchmaker } from "../matchmaking/matchmaker.ts";
import { bearerOf } from "./bearer-of.ts";
import type { Entrance } from "./entrance.ts";
import { HTTP_STATUS } from "./http-status.ts";
import { parseJsonObject } from "./parse-json-object.ts";
import { pathOf } from "./path-of.ts";
import { readBody } from "./read-body.ts";
import { sayWhen } from "./say-when.ts";
import { sendJson } from "./send-json.ts";
import type { Reports } from "./send-refusal.ts";

const ROUTE = /^\/matchmake\/([A-Za-z]+)\/([A-Za-z0-9_-]+)$/;

/**
 * `POST /matchmake/<method>/<room>`: reserves a seat, as Colyseus's own route does, for our
 * client and for stock SDKs. Refusals carry Colyseus's `{ code, error }` and, in `sync`,
 * our typed error.
 */
export class MatchmakeRoute {
  readonly #matchmaker: Matchmaker;
  readonly #entrance: Entrance;
  readonly #logger: Logger;
  readonly #meter: Meter;

  constructor(matchmaker: Matchmaker, entrance: Entrance, { logger, meter }: Reports) {
    this.#matchmaker = matchmaker;
    this.#entrance = entrance;
    this.#logger = logger;
    this.#meter = meter;
  }

  /** Answers the request if it is one of matchmaking; false: it is somebody else's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const path = pathOf(request);
    if (!path.startsWith("/matchmake/")) return false;
    void this.#answer(path, request, response).catch((error: unknown) => {
      this.#refuse(request, response, error);
    });
    return true;
  }

  async #answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, origins, proxies, addresses } = this.#entrance;
    if (!origins.allows(request)) {
      const text = `pages of ${String(request.headers.origin)} may not connect`;
      throw new SyncError("forbidden-origin", text);
    }
    allowOrigin(request, response);
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return;
    }
    const [, method, target] = ROUTE.exec(path) ?? [];
    if (request.method !== "POST" || method === undefined || target === undefined) {
      throw new SyncError("room-unknown", `${request.method} ${path} is not a matchmaking route`);
    }
    const { headers, address } = proxies.read(request);
    addresses.join(address);
    const token = bearerOf(request) || undefined;
    // Who shows nothing can guess at nothing: a new guest is let in behind a liar's address too.
    const isAttempt = token !== undefined || method === "reconnect";
    if (isAttempt) addresses.checkAttempt(address);
    const deadline = { clock, timeoutMs: JOIN_TIMEOUT_MS };
    const options = parseOptions(await readBody(request, MAX_MATCHMAKE_BODY_BYTES, deadline));
    const wanted = { method, target, options, token, headers, remoteAddress: address };
    try {
      sendJson(response, 200, await this.#matchmaker.reserve(wanted));
    } catch (error) {
      const { code } = asSyncError(error);
      if (code === "auth-failed" || code === "session-expired") addresses.noteFailure(address);
      throw error;
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const sync = asSyncError(error);
    this.#meter.rejected(sync.code);
    if (sync.code === "session-expired") this.#meter.recovered("seat", false);
    if (sync.code === "join-refused") {
      // The words are the game's own, and may repeat what it was given.
      this.#logger.info(`join refused: ${redactText(sync.message, [bearerOf(request)])}`);
    }
    // A hook of the game may reject with anything, also with nothing.
    const { code = sync.code } = (error ?? {}) as { code?: string | number };
    // What is left of an oversized body is not read: the connection cannot be used again.
    response.setHeader("Connection", "close");
    sayWhen(response, sync);
    sendJson(response, HTTP_STATUS[sync.code] ?? 400, {
      code,
      error: sync.message,
      sync: toWireError(sync),
    });
  }
}

/** Join options are an object; anything else is refused. */
function parseOptions(body: string): Record<string, unknown> {
  return body === "" ? {} : parseJsonObject(body, "options-invalid", "join options are");
}

/** A room's own refusal (a `ServerError`, or whatever its hooks throw) is a refused join. */
function asSyncError(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new SyncError("join-refused", message, { cause: error });
}

function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Access-Control-Allow-Headers", "Content-Type, Accept, Authorization");
  response.setHeader("Access-Control-Allow-Methods", "POST");
  response.setHeader("Vary", "Origin");
}

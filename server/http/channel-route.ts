import type { IncomingMessage, ServerResponse } from "node:http";
import { getBearerToken } from "@colyseus/core";
import { SyncError } from "../../shared/errors.ts";
import { HTTP_REQUEST_TIMEOUT_MS, MAX_PAYLOAD_BYTES } from "../../shared/limits.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";
import type { ChannelHub } from "../channels/channel-hub.ts";
import { checkNames, readFlags, type Draft } from "../channels/draft.ts";
import type { Logger } from "../logger.ts";
import type { Meter } from "../metrics/meter.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { Entrance } from "./entrance.ts";
import { countFailedAttempt } from "./failed-attempt.ts";
import { HTTP_STATUS } from "./http-status.ts";
import { readBody } from "./read-body.ts";
import { sayWhen } from "./say-when.ts";
import { sendJson } from "./send-json.ts";

const ROUTE = /^\/api\/channels\/([^/]+)\/messages$/;
/** Event name, id and flags around a payload. */
const ENVELOPE_BYTES = 4_096;

/**
 * `POST /api/channels/<percent-encoded name>/messages` with `{ event, data, persist?, id? }`:
 * publishes for processes and languages that hold an API key. Answers with the receipt. It
 * does not exist while no key is configured.
 */
export class ChannelRoute {
  readonly #hub: ChannelHub;
  readonly #keys: ApiKeys;
  readonly #logger: Logger;
  readonly #meter: Meter;
  readonly #entrance: Entrance;

  constructor(
    hub: ChannelHub,
    keys: ApiKeys,
    entrance: Entrance,
    { logger, meter }: { readonly logger: Logger; readonly meter: Meter },
  ) {
    this.#entrance = entrance;
    this.#hub = hub;
    this.#keys = keys;
    this.#logger = logger;
    this.#meter = meter;
  }

  /** Answers the request if it is for a channel; false: it is somebody else's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const name = ROUTE.exec((request.url ?? "/").split("?", 1)[0]!)?.[1];
    if (name === undefined || this.#keys.isEmpty) return false;
    this.#publish(name, request).then(
      (receipt) => sendJson(response, 200, receipt),
      (error: unknown) => this.#refuse(response, error),
    );
    return true;
  }

  async #publish(name: string, request: IncomingMessage): Promise<unknown> {
    if (!this.#keys.has(getBearerToken(request.headers.authorization ?? "") ?? "")) {
      countFailedAttempt(this.#entrance, request);
      throw new SyncError("auth-failed", "the API key was refused");
    }
    if (request.method !== "POST") {
      throw new SyncError("options-invalid", `${request.method} is not POST`);
    }
    const { clock } = this.#entrance;
    const deadline = { clock, timeoutMs: HTTP_REQUEST_TIMEOUT_MS };
    const body = await readBody(request, MAX_PAYLOAD_BYTES + ENVELOPE_BYTES, deadline);
    const { event, data, id, persist } = parseBody(body);
    checkNames({ event, id });
    return this.#hub.publish("server", {
      topic: decodeName(name),
      event,
      data,
      ...(id === undefined ? {} : { id }),
      ...readFlags({ persist }),
    });
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const isOurs = error instanceof SyncError;
    if (!isOurs) this.#logger.error("a publication over HTTP failed", error);
    const sync = isOurs ? error : new SyncError("handler-failed", "the server failed to publish");
    this.#meter.rejected(sync.code);
    response.setHeader("Connection", "close");
    sayWhen(response, sync);
    sendJson(response, isOurs ? (HTTP_STATUS[sync.code] ?? 400) : 500, { sync: toWireError(sync) });
  }
}

function parseBody(body: string): Omit<Draft, "topic"> {
  try {
    const parsed = JSON.parse(body) as unknown;
    if (typeof parsed === "object" && parsed !== null) return parsed as Omit<Draft, "topic">;
  } catch {
    // Said below, as for any other body that is no object.
  }
  throw new SyncError("payload-invalid", "the body is not a JSON object");
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (cause) {
    throw new SyncError("topic-invalid", "the channel name is not percent-encoded", { cause });
  }
}

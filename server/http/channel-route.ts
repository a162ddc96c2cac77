import type { IncomingMessage, ServerResponse } from "node:http";
import { SyncError } from "../../shared/errors.ts";
import { HTTP_REQUEST_TIMEOUT_MS, MAX_PAYLOAD_BYTES } from "../../shared/limits.ts";
import type { ChannelHub } from "../channels/channel-hub.ts";
import { checkNames, readFlags, type Draft } from "../channels/draft.ts";
import type { ApiKeys } from "./api-keys.ts";
import { bearerOf } from "./bearer-of.ts";
import type { Entrance } from "./entrance.ts";
import { countFailedAttempt } from "./failed-attempt.ts";
import { parseJsonObject } from "./parse-json-object.ts";
import { pathOf } from "./path-of.ts";
import { readBody } from "./read-body.ts";
import { sendJson } from "./send-json.ts";
import { sendRefusal, type Reports } from "./send-refusal.ts";

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
  readonly #reports: Reports;
  readonly #entrance: Entrance;

  constructor(hub: ChannelHub, keys: ApiKeys, entrance: Entrance, reports: Reports) {
    this.#entrance = entrance;
    this.#hub = hub;
    this.#keys = keys;
    this.#reports = reports;
  }

  /** Answers the request if it is for a channel; false: it is somebody else's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const name = ROUTE.exec(pathOf(request))?.[1];
    if (name === undefined || this.#keys.isEmpty) return false;
    this.#publish(name, request).then(
      (receipt) => sendJson(response, 200, receipt),
      (error: unknown) => sendRefusal(response, error, "a publication over HTTP", this.#reports),
    );
    return true;
  }

  async #publish(name: string, request: IncomingMessage): Promise<unknown> {
    if (!this.#keys.has(bearerOf(request))) {
      countFailedAttempt(this.#entrance, request);
      throw new SyncError("auth-failed", "the API key was refused");
    }
    if (request.method !== "POST") {
      throw new SyncError("options-invalid", `${request.method} is not POST`);
    }
    const { clock } = this.#entrance;
    const deadline = { clock, timeoutMs: HTTP_REQUEST_TIMEOUT_MS };
    const body = await readBody(request, MAX_PAYLOAD_BYTES + ENVELOPE_BYTES, deadline);
    const claimed = parseJsonObject(body, "payload-invalid", "the body is");
    const { event, data, id, persist } = claimed as unknown as Omit<Draft, "topic">;
    checkNames({ event, id });
    return this.#hub.publish("server", {
      topic: decodeName(name),
      event,
      data,
      ...(id === undefined ? {} : { id }),
      ...readFlags({ persist }),
    });
  }
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (cause) {
    throw new SyncError("topic-invalid", "the channel name is not percent-encoded", { cause });
  }
}

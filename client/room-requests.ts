import { ResponseStatus } from "@colyseus/shared-types";
import type { Clock } from "../shared/clock.ts";
import { SyncError } from "../shared/errors.ts";
import {
  fromWireError,
  INTENT_TYPE,
  type IntentEnvelope,
} from "../shared/protocol/intent-frame.ts";
import { PROTOCOL_VERSION } from "../shared/protocol/protocol-version.ts";
import type { IntentIds } from "./connection/intent-ids.ts";
import { Outbox } from "./connection/outbox.ts";
import { isRecord } from "./connection/seat.ts";
import { encodeRequest } from "./protocol/encode-frame.ts";
import type { ResponseFrame } from "./protocol/server-frame.ts";

/**
 * Messages to a room and its replies. To one of our rooms they are intents with an id, which
 * can be repeated; to a plain Colyseus room they are stock requests, which can not.
 */
export class RoomRequests {
  readonly #outbox: Outbox;
  readonly #intentIds: IntentIds;
  #takesIntents = true;
  #lastRequestId = 0;

  constructor(intentIds: IntentIds, clock: Clock) {
    this.#intentIds = intentIds;
    this.#outbox = new Outbox(clock);
  }

  /** Resolves with the room's reply; rejects with a `SyncError` for every failure. */
  async request(name: string, payload: unknown, timeoutMs?: number): Promise<unknown> {
    const frame = this.#encode(this.#lastRequestId + 1, name, payload);
    this.#lastRequestId += 1;
    return await this.#outbox.add(this.#lastRequestId, frame, timeoutMs);
  }

  open(send: (frame: Uint8Array) => boolean, takesIntents: boolean): void {
    this.#takesIntents = takesIntents;
    this.#outbox.open(send);
  }

  hold(): void {
    this.#outbox.hold(this.#takesIntents);
  }

  handleResponse({ requestId, status, payload }: ResponseFrame): void {
    this.#outbox.settle(requestId, readReply(status, payload));
  }

  close(error: SyncError): void {
    this.#outbox.close(error);
  }

  #encode(requestId: number, name: string, payload: unknown): Uint8Array {
    if (!this.#takesIntents) return encodeRequest(requestId, name, payload);
    const id = this.#intentIds.next();
    const intent: IntentEnvelope = [PROTOCOL_VERSION, id, name, payload];
    return encodeRequest(requestId, INTENT_TYPE, intent);
  }
}

function readReply(status: number, payload: unknown): { value: unknown } | SyncError {
  if (status === ResponseStatus.OK) return { value: payload };
  if (status === ResponseStatus.REJECTED) return fromWireError(payload);
  const message = isRecord(payload) ? payload["message"] : undefined;
  return new SyncError(
    "handler-failed",
    typeof message === "string" ? message : "the room failed to handle the request",
    { cause: payload },
  );
}

import { ResponseStatus } from "@colyseus/shared-types";
import type { Clock } from "../shared/clock.ts";
import { SyncError } from "../shared/errors.ts";
import {
  CHANNEL_TYPE,
  type ChannelOperation,
  type ChannelOperations,
} from "../shared/protocol/channel-messages.ts";
import {
  fromWireError,
  INTENT_TYPE,
  type IntentEnvelope,
} from "../shared/protocol/intent-frame.ts";
import { PROTOCOL_VERSION } from "../shared/protocol/protocol-version.ts";
import type { IntentIds } from "./connection/intent-ids.ts";
import { type Carriage, Outbox } from "./connection/outbox.ts";
import { isRecord } from "./connection/seat.ts";
import { encodeRequest } from "./protocol/encode-frame.ts";
import type { ResponseFrame } from "./protocol/server-frame.ts";

/**
 * Everything that one session asks its room, and the replies. To one of our rooms these are
 * envelopes with an id, which can be repeated; to a plain Colyseus room messages are stock
 * requests, which can not.
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

  /** A message; resolves with the room's reply, rejects with a `SyncError` for every failure. */
  async request(name: string, payload: unknown, timeoutMs?: number): Promise<unknown> {
    if (this.#takesIntents) return await this.#ask(INTENT_TYPE, name, payload, { timeoutMs });
    return await this.#send(name, payload, { timeoutMs, whenLost: "reject" });
  }

  /** Something of a channel; resolves with the answer, rejects like `request`. */
  async operate<Name extends ChannelOperation>(
    operation: Name,
    given: ChannelOperations[Name]["arguments"],
    carriage?: Carriage,
  ): Promise<ChannelOperations[Name]["answer"]> {
    this.#requireOurs(CHANNEL_TYPE);
    const answer = await this.#ask(CHANNEL_TYPE, operation, given, carriage);
    return answer as ChannelOperations[Name]["answer"];
  }

  /**
   * Something of the session itself. Resolves with what `read` makes of the reply the moment
   * that it arrives, when the state is still that of its tick; rejects like `request`.
   */
  async ask<Result>(type: string, read: (reply: unknown) => Result): Promise<Result> {
    this.#requireOurs(type);
    return (await this.#send(type, undefined, { read })) as Result;
  }

  /** An id that no other request, of this client or another, has. */
  nextId(): string {
    return this.#intentIds.next();
  }

  open(send: (frame: Uint8Array) => boolean, takesIntents: boolean): void {
    this.#takesIntents = takesIntents;
    this.#outbox.open(send);
  }

  /** What is sent in this lane waits from now on, until `resume`. */
  pause(lane: string): void {
    this.#outbox.pause(lane);
  }

  resume(lane: string): void {
    this.#outbox.resume(lane);
  }

  hold(): void {
    this.#outbox.hold();
  }

  handleResponse({ requestId, status, payload }: ResponseFrame): void {
    this.#outbox.settle(requestId, readReply(status, payload));
  }

  close(error: SyncError): void {
    this.#outbox.close(error);
  }

  #requireOurs(type: string): void {
    if (this.#takesIntents) return;
    throw new SyncError("unknown-message", `a plain Colyseus room knows no "${type}"`);
  }

  #ask(type: string, name: string, payload: unknown, carriage?: Carriage): Promise<unknown> {
    const envelope: IntentEnvelope = [PROTOCOL_VERSION, this.nextId(), name, payload];
    return this.#send(type, envelope, carriage);
  }

  #send(type: string, payload: unknown, carriage?: Carriage): Promise<unknown> {
    const frame = encodeRequest(this.#lastRequestId + 1, type, payload);
    this.#lastRequestId += 1;
    return this.#outbox.add(this.#lastRequestId, frame, carriage);
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

import type { Client } from "@colyseus/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { MessageContext } from "@colyseus/shared-types";
import type { IntentType } from "../../shared/room-types.ts";
import type { RoomClient } from "../transport/websocket-client.ts";

/** Counts the intents of one user and one name. */
export interface RateLimit {
  /** How many intents of one user are taken at once after a rest … */
  count: number;
  /** … and in each such time from then on, evenly. */
  windowMs: number;
}

/** Limits count by user, through every reconnect; a durable room keeps cooldowns over restarts. */
export interface IntentOptions {
  /**
   * How long the same user waits after an intent that had an effect. One that was refused,
   * threw, or changed and sent nothing starts no wait. Measured on the server's clock.
   */
  cooldownMs?: number;
  /** How often the same user may try, whatever comes of it. */
  rateLimit?: RateLimit;
  /**
   * Whether a durable room writes down who did it, when, and with what payload, once it had
   * an effect; `SyncRoom#readAudit` reads it.
   */
  audit?: boolean;
}

/** What a room does about an intent whose payload passed its schema; it returns the reply. */
export type HandleIntent<Payload, Reply> = (
  client: RoomClient,
  payload: Payload,
  context: MessageContext,
) => Reply;

/** Something a client asks a room to do; see `intent()`. */
export interface Intent<Input, Payload, Reply> extends IntentType<Input, Reply> {
  readonly format: StandardSchemaV1<Input, Payload>;
  // Typed with Colyseus's client, as the `messages` of its rooms want it; ours is what comes.
  readonly handler: (client: Client, payload: Payload, context: MessageContext) => Reply;
  readonly options: IntentOptions;
}

/**
 * Declares what a client may ask of a room: the payload's schema (any Standard Schema
 * library), limits, and what is done about it.
 *
 * The handler runs only with a payload that passed the schema. What it returns is the reply;
 * a promise delays the reply, not the room. A `SyncError` that it throws reaches the client
 * as it is; any other error is logged and reaches the client as `handler-failed`.
 */
export function intent<Schema extends StandardSchemaV1, Reply>(
  schema: Schema,
  handler: HandleIntent<StandardSchemaV1.InferOutput<Schema>, Reply>,
): Intent<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, Reply>;
export function intent<Schema extends StandardSchemaV1, Reply>(
  schema: Schema,
  options: IntentOptions,
  handler: HandleIntent<StandardSchemaV1.InferOutput<Schema>, Reply>,
): Intent<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, Reply>;
export function intent<Input, Payload, Reply>(
  schema: StandardSchemaV1<Input, Payload>,
  optionsOrHandler: IntentOptions | HandleIntent<Payload, Reply>,
  handler?: HandleIntent<Payload, Reply>,
): Intent<Input, Payload, Reply> {
  const hasOptions = handler !== undefined;
  return {
    format: schema,
    handler: hasOptions ? handler : optionsOrHandler,
    options: hasOptions ? optionsOrHandler : {},
  } as Intent<Input, Payload, Reply>;
}

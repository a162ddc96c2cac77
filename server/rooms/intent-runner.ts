import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { MessageContext } from "@colyseus/shared-types";
import type { Unsubscribe } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import { MAX_INTENT_ID_LENGTH } from "../../shared/limits.ts";
import type { RoomClient } from "../transport/websocket-client.ts";
import type { Remembered } from "../durability/durable-room.ts";
import type { SavedCooldown, SavedIntent } from "../durability/tick-content.ts";
import type { AuditEntry } from "../persistence/room-store.ts";
import { packAudited } from "./audited-intent.ts";
import { AppliedIntents } from "./applied-intents.ts";
import type { HandleIntent, IntentOptions } from "./intent.ts";
import { answer, rejected, type Outcome } from "./outcome.ts";
import { parseEnvelope, type Asked } from "./parse-envelope.ts";
import type { LentParts } from "./lent-parts.ts";
import { RateLimits } from "./rate-limits.ts";
import { Cooldowns } from "./user-limits.ts";
import { validatePayload } from "./validate-payload.ts";

/** A message that the room takes: an `intent()`, or a stock handler without options. */
export interface RoomMessage {
  readonly name: string;
  readonly schema: StandardSchemaV1 | undefined;
  readonly options: IntentOptions;
  readonly handler: HandleIntent<unknown, unknown>;
}

/** A handler of every message that has none of its own. */
export type HandleAnyMessage = (
  client: RoomClient,
  name: string | number,
  payload: unknown,
) => unknown;

/** A handler of bytes, which nobody answers. */
export type HandleBytes = (client: RoomClient, bytes: unknown) => unknown;

/** The part of a durable room that intents write to. */
export interface IntentNotes {
  /** What an earlier process left. */
  readonly restored:
    | { readonly intents: readonly SavedIntent[]; readonly cooldowns: readonly SavedCooldown[] }
    | undefined;
  noteIntent(intent: SavedIntent): void;
  noteCooldown(cooldown: SavedCooldown): void;
  noteAudit(entry: AuditEntry): void;
}

export interface IntentRunnerOptions {
  lent: LentParts;
  /** Grows with everything that an intent can cause: changed state, sent messages. */
  countEffects: () => number;
  /** Whether what is applied now can be saved. */
  isAvailable: () => boolean;
  /** Writes down what intents leave; absent: the room is not durable. */
  durable: IntentNotes | undefined;
  /** An error of the game's own code. */
  onFailure: (error: unknown, client: RoomClient, name: string, payload: unknown) => void;
}

/**
 * Runs what clients ask for: checks, limits, the handler, the answer, in the order of
 * arrival. An error never leaves it; the asker is told, nobody else notices.
 */
export class IntentRunner {
  readonly #options: IntentRunnerOptions;
  readonly #messages = new Map<string, RoomMessage[]>();
  readonly #applied: AppliedIntents;
  readonly #cooldowns: Cooldowns;
  readonly #rateLimits: RateLimits;
  #fallback: HandleAnyMessage | undefined;

  constructor(options: IntentRunnerOptions) {
    this.#options = options;
    const { lent, durable } = options;
    const { clock } = lent;
    this.#applied = new AppliedIntents(clock);
    this.#cooldowns = new Cooldowns(clock, (cooldown) => durable?.noteCooldown(cooldown));
    this.#rateLimits = new RateLimits(clock);
    this.#applied.restore(durable?.restored?.intents ?? []);
    this.#cooldowns.restore(durable?.restored?.cooldowns ?? []);
  }

  /** Adds a message; returns its undo. Of several under one name the first one answers. */
  register(message: RoomMessage): Unsubscribe {
    const { name } = message;
    this.#messages.set(name, [...(this.#messages.get(name) ?? []), message]);
    return () => {
      const others = this.#messages.get(name)?.filter((each) => each !== message) ?? [];
      if (others.length > 0) this.#messages.set(name, others);
      else this.#messages.delete(name);
    };
  }

  /** Takes the messages that nobody registered, as Colyseus's `"*"` does. */
  registerFallback(handler: HandleAnyMessage): HandleAnyMessage {
    this.#fallback = (client, name, payload) => {
      this.#contain(() => handler(client, name, payload), client, String(name), payload);
    };
    return this.#fallback;
  }

  /** The same handler, whose errors are reported and go no further. */
  containBytes(name: string, handler: HandleBytes): HandleBytes {
    return (client, bytes) => this.#contain(() => handler(client, bytes), client, name, bytes);
  }

  /** How long the user has to wait for another of these, in milliseconds; 0: not at all. */
  cooldownLeftMs(name: string, userId: string): number {
    return this.#cooldowns.leftMs(name, userId);
  }

  /** What has to be known of earlier intents, for a record that stands for all of them. */
  remembered(): Omit<Remembered, "messages"> {
    return { intents: [...this.#applied.entries()], cooldowns: this.#cooldowns.entries() };
  }

  /** A message under its own name, from a stock client: at most once, it carries no id. */
  run(
    client: RoomClient,
    message: RoomMessage,
    payload: unknown,
    context: MessageContext,
  ): unknown {
    return this.#answer(this.#apply(client, message, payload, context.id), context);
  }

  /** An intent of our client, in its envelope: once for each id, however often it is sent. */
  runEnvelope(client: RoomClient, envelope: unknown, context: MessageContext): unknown {
    let asked: Asked;
    try {
      asked = parseEnvelope(envelope);
    } catch (error) {
      return this.#answer(this.#refusal(error, client, "envelope", envelope), context);
    }
    const { id, name, payload } = asked;
    const outcome = this.#applied.once(client.user.id, id, () =>
      this.#note(client.user.id, id, this.#applyByName(client, name, payload, context.id)),
    );
    return this.#answer(outcome, context);
  }

  /** The intent belongs to the tick that says yes to it; a refused one belongs to none. */
  #note(
    userId: string,
    id: string,
    outcome: Outcome | Promise<Outcome>,
  ): Outcome | Promise<Outcome> {
    if (outcome instanceof Promise)
      return outcome.then((settled) => this.#note(userId, id, settled));
    if (!outcome.isRejected) {
      const at = this.#options.lent.clock.now();
      this.#options.durable?.noteIntent({ userId, intentId: id, at, reply: outcome.payload });
    }
    return outcome;
  }

  #applyByName(
    client: RoomClient,
    name: string,
    payload: unknown,
    requestId: number | undefined,
  ): Outcome | Promise<Outcome> {
    const [first, ...others] = this.#messages.get(name) ?? [];
    if (first === undefined) {
      if (this.#fallback === undefined) {
        const text = `the room takes no message "${name.slice(0, MAX_INTENT_ID_LENGTH)}"`;
        return rejected(new SyncError("unknown-message", text));
      }
      this.#fallback(client, name, payload);
      return { isRejected: false, payload: undefined };
    }
    const outcome = this.#apply(client, first, payload, requestId);
    for (const other of others) void this.#apply(client, other, payload, undefined);
    return outcome;
  }

  #apply(
    client: RoomClient,
    message: RoomMessage,
    payload: unknown,
    requestId: number | undefined,
  ): Outcome | Promise<Outcome> {
    const { name, schema, options } = message;
    const refuse = (error: unknown): Outcome => this.#refusal(error, client, name, payload);
    try {
      if (!this.#options.isAvailable()) {
        throw new SyncError("store-unavailable", "the room cannot save changes at the moment");
      }
      if (options.rateLimit !== undefined) {
        this.#rateLimits.take(name, client.user.id, options.rateLimit);
      }
      const valid = schema === undefined ? payload : validatePayload(schema, name, payload);
      const invoke = (value: unknown): Outcome | Promise<Outcome> =>
        this.#invoke(message, client, value, requestId);
      const outcome = valid instanceof Promise ? valid.then(invoke) : invoke(valid);
      return outcome instanceof Promise ? outcome.catch(refuse) : outcome;
    } catch (error) {
      return refuse(error);
    }
  }

  #invoke(
    message: RoomMessage,
    client: RoomClient,
    payload: unknown,
    requestId: number | undefined,
  ): Outcome | Promise<Outcome> {
    const { name, handler, options } = message;
    const { cooldownMs = 0 } = options;
    const userId = client.user.id;
    if (cooldownMs > 0) this.#cooldowns.check(name, userId);
    const before = this.#options.countEffects();
    const context = new ReplyContext(requestId);
    const result = handler(client, payload, context);
    if (!isThenable(result)) {
      const outcome = context.outcomeOf(result);
      const hasEffect = !outcome.isRejected && this.#options.countEffects() !== before;
      if (cooldownMs > 0 && hasEffect) this.#cooldowns.start(name, userId, cooldownMs);
      if (hasEffect) this.#audit(message, client, payload);
      return outcome;
    }
    // What a promise will do is not known yet: its wait starts now and ends if it fails.
    if (cooldownMs > 0) this.#cooldowns.start(name, userId, cooldownMs);
    return Promise.resolve(result).then(
      (value) => {
        const outcome = context.outcomeOf(value);
        if (outcome.isRejected) this.#cooldowns.cancel(name, userId);
        else this.#audit(message, client, payload);
        return outcome;
      },
      (error: unknown) => {
        this.#cooldowns.cancel(name, userId);
        throw error;
      },
    );
  }

  #audit({ name, options }: RoomMessage, { user }: RoomClient, payload: unknown): void {
    if (options.audit !== true) return;
    const { lent, durable } = this.#options;
    const data = packAudited(user.name, payload);
    durable?.noteAudit({ at: lent.clock.now(), userId: user.id, name, data });
  }

  #answer(outcome: Outcome | Promise<Outcome>, context: MessageContext): unknown {
    return answer(outcome, context, this.#options.lent.meter);
  }

  #contain(handle: () => unknown, client: RoomClient, name: string, payload: unknown): void {
    const report = (error: unknown): void => this.#options.onFailure(error, client, name, payload);
    try {
      const result = handle();
      if (isThenable(result)) void Promise.resolve(result).catch(report);
    } catch (error) {
      report(error);
    }
  }

  #refusal(error: unknown, client: RoomClient, name: string, payload: unknown): Outcome {
    if (error instanceof SyncError) return rejected(error);
    this.#options.onFailure(error, client, name, payload);
    return rejected(new SyncError("handler-failed", `the room failed to handle "${name}"`));
  }
}

/** What Colyseus offers a handler to answer with, kept until the outcome is known. */
class ReplyContext implements MessageContext {
  readonly id: number | undefined;
  #settled: Outcome | undefined;

  constructor(id: number | undefined) {
    this.id = id;
  }

  reject(reason?: unknown): never {
    this.#settled = { isRejected: true, payload: reason };
    return undefined as never;
  }

  resolve(value?: unknown): never {
    this.#settled = { isRejected: false, payload: value };
    return undefined as never;
  }

  outcomeOf(result: unknown): Outcome {
    return this.#settled ?? { isRejected: false, payload: result };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

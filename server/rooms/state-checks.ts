import { ClientState, getMessageBytes, Protocol } from "@colyseus/core";
import type { Schema, StateView } from "@colyseus/schema";
import { type MessageContext, ResponseStatus } from "@colyseus/shared-types";
import { SyncError } from "../../shared/errors.ts";
import {
  MAX_STATE_CHECK_MS,
  MAX_STATE_CHECKS,
  STATE_CHECK_REST_FACTOR,
  STATE_CHECK_WINDOW_MS,
} from "../../shared/limits.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";
import {
  CHECKSUM_TYPE,
  type ChecksumReply,
  RESYNC_TYPE,
} from "../../shared/protocol/state-check.ts";
import { stateChecksum } from "../../shared/state/state-checksum.ts";
import { SentScope } from "../../shared/state/state-scope.ts";
import type { RoomClient } from "../transport/websocket-client.ts";
import { answer, rejected } from "./outcome.ts";
import { RateLimits } from "./rate-limits.ts";
import type { LentParts } from "./lent-parts.ts";
import type { SafeSerializer } from "./safe-serializer.ts";
import type { TickPipeline } from "./tick-pipeline.ts";

export interface StateChecksOptions {
  lent: LentParts;
  pipeline: TickPipeline;
  state: () => Schema;
  /** Undefined: the room has no state that could be compared. */
  serializer: () => SafeSerializer | undefined;
}

interface Check {
  readonly client: RoomClient;
  readonly requestId: number;
}

const LIMIT = { count: MAX_STATE_CHECKS, windowMs: STATE_CHECK_WINDOW_MS };

/**
 * Answers a client that wants to know whether it holds the right state, and gives one that
 * does not a full one. Nothing is computed before somebody asks; clients without a view, and
 * those that share one, share one walk a tick. However many ask, the room has most of its
 * time for the game: the others wait.
 */
export class StateChecks {
  readonly #options: StateChecksOptions;
  readonly #rateLimits: RateLimits;
  #waiting: Check[] = [];
  #restsUntil = -Infinity;

  constructor(options: StateChecksOptions) {
    this.#options = options;
    this.#rateLimits = new RateLimits(options.lent.clock);
  }

  /** Replies with a `ChecksumReply`, right behind the patch of the tick that it names. */
  check(client: RoomClient, context: MessageContext): unknown {
    const refusal = this.#refusal(client, CHECKSUM_TYPE);
    if (refusal !== undefined) return this.#refuse(refusal, context);
    if (context.id === undefined) return undefined;
    this.#wait({ client, requestId: context.id });
    // Never settled: a promise's reply would leave with the tick after. We send it ourselves.
    return new Promise(() => {});
  }

  /** Replies once the client has been sent a full state in place of a patch. */
  resync(client: RoomClient, context: MessageContext): unknown {
    const refusal = this.#refusal(client, RESYNC_TYPE);
    if (refusal !== undefined) return this.#refuse(refusal, context);
    this.#options.serializer()?.requestFullState(client);
    return undefined;
  }

  #refuse(refusal: SyncError, context: MessageContext): unknown {
    return answer(rejected(refusal), context, this.#options.lent.meter);
  }

  #refusal(client: RoomClient, type: string): SyncError | undefined {
    if (this.#options.serializer() === undefined) {
      return new SyncError("unknown-message", "this room has no state to compare");
    }
    try {
      this.#rateLimits.take(type, client.user.id, LIMIT);
      return undefined;
    } catch (error) {
      if (error instanceof SyncError) return error;
      throw error;
    }
  }

  #wait(check: Check): void {
    this.#waiting.push(check);
    if (this.#waiting.length === 1) this.#options.pipeline.behindPatch(() => this.#answerAll());
  }

  #answerAll(): void {
    const { lent, serializer } = this.#options;
    const { clock } = lent;
    const startedAt = clock.now();
    const until = startedAt < this.#restsUntil ? startedAt : startedAt + MAX_STATE_CHECK_MS;
    const waiting = this.#waiting;
    this.#waiting = [];
    const replies = new Map<StateView | undefined, ChecksumReply>();
    for (const check of waiting) {
      const { client } = check;
      if (client.state !== ClientState.JOINED) continue;
      // Its full state comes with a later tick, and the reply has to follow that one.
      const isAwaited = serializer()?.isAwaited(client) === true;
      const isLate = clock.now() >= until && !replies.has(client.view);
      if (isAwaited || isLate) this.#wait(check);
      else this.#answer(check, replies);
    }
    const endedAt = clock.now();
    if (replies.size === 0) return;
    this.#restsUntil = endedAt + (endedAt - startedAt) * STATE_CHECK_REST_FACTOR;
  }

  #answer({ client, requestId }: Check, replies: Map<StateView | undefined, ChecksumReply>): void {
    try {
      const reply = replies.get(client.view) ?? this.#compute(client.view);
      replies.set(client.view, reply);
      this.#reply(client, requestId, ResponseStatus.OK, reply);
    } catch (error) {
      this.#options.lent.logger.error("the checksum of a state failed", error);
      const refusal = new SyncError("handler-failed", "the room failed to compute its checksum");
      this.#reply(client, requestId, ResponseStatus.REJECTED, toWireError(refusal));
    }
  }

  #compute(view: StateView | undefined): ChecksumReply {
    const { pipeline } = this.#options;
    const state = this.#options.state();
    const scope = new SentScope(state, view);
    const { checksum, refs } = stateChecksum(state, scope);
    return { tick: pipeline.tick, checksum, refs, ...scope.limits };
  }

  #reply(client: RoomClient, requestId: number, status: number, payload: unknown): void {
    client.enqueueRaw(getMessageBytes[Protocol.ROOM_RESPONSE](requestId, status, payload));
  }
}

import { OnMessageException, TimestepException, type Room } from "@colyseus/core";
import type { Encoder, Schema } from "@colyseus/schema";
import type { MessageContext } from "@colyseus/shared-types";
import { SyncError } from "../../shared/errors.ts";
import type { DurableRoom } from "../durability/durable-room.ts";
import type { RoomClient } from "../transport/websocket-client.ts";
import { RoomChannels } from "../channels/room-channels.ts";
import { hasFilteredViews, roomInternals } from "./colyseus-internals.ts";
import { GridBases } from "./grid-bases.ts";
import { createInboundGuard } from "./guard-room.ts";
import type { InboundGuard } from "./inbound-guard.ts";
import { answer, rejected, type Outcome } from "./outcome.ts";
import { parseEnvelope } from "./parse-envelope.ts";
import { IntentRunner } from "./intent-runner.ts";
import type { LentParts } from "./lent-parts.ts";
import { StateRecorder } from "../durability/state/state-recorder.ts";
import { DurableSeats } from "./durable-seats.ts";
import type { SafeSerializer } from "./safe-serializer.ts";
import { StateChecks } from "./state-checks.ts";
import { TickPipeline, type DurableTicks, type TickStep } from "./tick-pipeline.ts";

/** What the parts ask of the room that holds them. */
export interface PartsOptions {
  lent: LentParts;
  room: Room & {
    readonly ticksPerSecond: number;
    readonly maxIntentBytes: number;
    onTick?(step: TickStep): void;
  };
  serializer: () => SafeSerializer | undefined;
  /** The store's side of the room; absent: it is not durable. */
  durable: DurableRoom | undefined;
  /** Whether rewind records this room's ticks, which it then cannot skip. */
  isRewinding: () => boolean;
  /** Colyseus's own patch tick, which encodes through the serializer. */
  stockBroadcast: () => void;
}

/** What a `SyncRoom` is made of, wired together. */
export class RoomParts {
  readonly lent: LentParts;
  readonly durable: DurableRoom | undefined;
  readonly pipeline: TickPipeline;
  readonly intents: IntentRunner;
  readonly guard: InboundGuard;
  readonly checks: StateChecks;
  /** Absent: no server lends channels to this room. */
  readonly channels: RoomChannels | undefined;
  /** Who sits in the room, if it is durable. */
  readonly seats: DurableSeats | undefined;
  /** Runs Colyseus's patch tick; replaced once the room has its own patch timer. */
  encode: () => void;
  /** Until the room has been made nothing of it is saved; if that fails, never. */
  readonly creation = Promise.withResolvers<void>();
  readonly #options: PartsOptions;
  #mutations = 0;
  #isSuspended = false;

  constructor(options: PartsOptions) {
    this.#options = options;
    const { lent, room, serializer, durable, stockBroadcast } = options;
    this.lent = lent;
    this.durable = durable;
    this.encode = stockBroadcast;
    this.pipeline = new TickPipeline({
      lent,
      periodMs: () => 1_000 / room.ticksPerSecond,
      isBusy: () => this.#isBusy(),
      step: (step) => room.onTick?.(step),
      encode: () => this.encode(),
      serializer,
      durable: durable && this.#ticksOf(durable),
      firstTick: (durable?.restored?.tick ?? 0) + 1,
      onError: (error) => this.#reportTick(error),
    });
    this.intents = new IntentRunner({
      lent,
      countEffects: () => this.#mutations + this.pipeline.outbox.heldFrames,
      isAvailable: () => this.pipeline.commits.isAvailable,
      durable,
      onFailure: (...failure) => this.#reportFailure(...failure),
    });
    this.checks = new StateChecks({
      lent,
      pipeline: this.pipeline,
      state: () => room.state as Schema,
      serializer,
    });
    this.channels =
      lent.channels && new RoomChannels(lent.channels, lent.clock, durable, lent.meter);
    const { durability } = lent;
    if (durable !== undefined && durability !== undefined) {
      this.seats = new DurableSeats(room, durable, durability.seats, () => this.pipeline.wake());
    }
    durable?.watchRenewals(() => {
      if (serializer()?.hasUntracked === true) this.wake();
    });
    this.guard = createInboundGuard(room, lent, () => room.maxIntentBytes);
  }

  /** Does what a client asks of a channel. */
  performOperation(client: RoomClient, envelope: unknown, context: MessageContext): unknown {
    return answer(this.#perform(client, envelope), context, this.lent.meter);
  }

  async #perform(client: RoomClient, envelope: unknown): Promise<Outcome> {
    try {
      const { name, payload } = parseEnvelope(envelope);
      if (this.channels === undefined) {
        throw new SyncError("unknown-message", "this room carries no channels");
      }
      return { isRejected: false, payload: await this.channels.perform(client, name, payload) };
    } catch (error) {
      if (error instanceof SyncError) return rejected(error);
      this.#reportFailure(error, client, "channel operation", envelope);
      return rejected(new SyncError("handler-failed", "the server failed to do this"));
    }
  }

  /** Called for every change of the state. */
  readonly countMutation = (): void => {
    this.#mutations += 1;
    this.wake();
  };

  /** Looks after the large boards of one state. */
  readonly makeBases = (): GridBases => {
    const { baseWriter, logger } = this.lent;
    return new GridBases(baseWriter, logger, () => this.wake());
  };

  /** Writes down what ticks do to one state; undefined: the room is not durable. */
  get makeRecorder(): ((encoder: Encoder) => StateRecorder) | undefined {
    if (this.durable === undefined) return undefined;
    return (encoder) => new StateRecorder(encoder);
  }

  /**
   * Saves what was done until now and nothing after it: the room goes on in another process.
   * What clients ask meanwhile is not heard; they ask again there.
   */
  async suspend(): Promise<void> {
    if (this.durable === undefined) return;
    this.#isSuspended = true;
    await this.pipeline.settle();
    this.durable.freeze();
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** Brings the room's clock up to date if it slept, and makes sure that a tick comes. */
  wake(): void {
    const { room } = this.#options;
    // A fixed timestep ticks the clock itself and would lose the time that we take from it.
    const isAsleep =
      !this.pipeline.isAwake && roomInternals(room)._simulationInterval === undefined;
    this.pipeline.wake();
    if (isAsleep) room.clock.tick();
  }

  get isRewinding(): boolean {
    return this.#options.isRewinding();
  }

  #ticksOf(durable: DurableRoom): DurableTicks {
    return {
      claim: durable.claim,
      get isFrozen() {
        return durable.isFrozen;
      },
      takeTick: (step, state) => durable.takeTick(step, state),
      takeSnapshot: (step, state) =>
        durable.takeSnapshot(step, state, {
          ...this.intents.remembered(),
          messages: this.channels?.recentMessages() ?? [],
        }),
      append: (tick) => this.creation.promise.then(() => durable.append(tick)),
      saveSnapshot: (snapshot) => this.creation.promise.then(() => durable.saveSnapshot(snapshot)),
    };
  }

  #isBusy(): boolean {
    const { room, serializer, isRewinding } = this.#options;
    const hasInputs = roomInternals(room)._inputController !== undefined;
    const state = serializer();
    // Asked in every tick: a hub without a state does not look through all of its clients.
    const hasViews = (): boolean => state !== undefined && hasFilteredViews(room);
    return (
      room.onTick !== undefined ||
      isRewinding() ||
      room.clock.delayed.length > 0 ||
      state?.isDirty === true ||
      (room.clients.length > 0 && (hasInputs || state?.hasBacklog === true || hasViews()))
    );
  }

  #reportFailure(error: unknown, client: RoomClient, name: string, payload: unknown): void {
    const { room } = this.#options;
    if (room.onUncaughtException === undefined || !(error instanceof Error)) {
      const { sessionId, user } = client;
      const fields = { ...this.#fields(), sessionId, userId: user.id };
      this.lent.logger.error(`"${name}" failed in ${this.#describe()}`, error, fields);
      return;
    }
    const wrapped = new OnMessageException<Room>(
      error,
      error.message,
      client,
      payload as never,
      name as never,
    );
    room.onUncaughtException(wrapped, "onMessage");
  }

  #reportTick(error: unknown): void {
    const { room } = this.#options;
    if (room.onUncaughtException === undefined || !(error instanceof Error)) {
      this.lent.logger.error(`tick of ${this.#describe()} failed`, error, this.#fields());
      return;
    }
    room.onUncaughtException(new TimestepException(error, error.message), "setTimestep");
  }

  #describe(): string {
    const { room, roomId } = this.#fields();
    return `room ${room}/${roomId}`;
  }

  #fields(): { readonly room: string; readonly roomId: string } {
    const { roomName, roomId } = this.#options.room;
    return { room: roomName, roomId };
  }
}

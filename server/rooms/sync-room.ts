import {
  Room,
  SchemaSerializer,
  type ExtractRoomClient,
  type Rewind,
  type RewindOptions,
  type RoomOptions,
} from "@colyseus/core";
import type { MessageContext } from "@colyseus/shared-types";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { JsonValue } from "../../shared/json-text.ts";
import type { Unsubscribe } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import {
  DEFAULT_TICKS_PER_SECOND,
  MAX_INTENT_BYTES,
  MAX_TICKS_PER_SECOND,
  RESTORED_SEAT_GRACE_SECONDS,
  SEAT_GRACE_SECONDS,
  UNTAKEN_SEAT_SECONDS,
} from "../../shared/limits.ts";
import { CHANNEL_TYPE } from "../../shared/protocol/channel-messages.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { INTENT_TYPE } from "../../shared/protocol/intent-frame.ts";
import { CHECKSUM_TYPE, RESYNC_TYPE } from "../../shared/protocol/state-check.ts";
import type { RoomClient } from "../transport/websocket-client.ts";
import type { TickedRoom } from "../transport/websocket-transport.ts";
import {
  aroundInit,
  hurryDisposal,
  serializerOf,
  sessionOfToken,
  tellOnCreate,
} from "./colyseus-internals.ts";
import { connectRoom } from "./connect-room.ts";
import type { Intent } from "./intent.ts";
import { readAudited, type AuditedIntent } from "./audited-intent.ts";
import { restoreState, type Persistence } from "./persistence.ts";
import type { HandleBytes, HandleAnyMessage, RoomMessage } from "./intent-runner.ts";
import { RoomParts } from "./room-parts.ts";
import { standaloneParts, type LentParts } from "./lent-parts.ts";
import { SafeSerializer } from "./safe-serializer.ts";
import { uniteTickRate } from "./tick-rate.ts";
import type { TickStep } from "./tick-pipeline.ts";

/** The room's options with clients that carry a user. */
export type WithRoomClient<Options extends RoomOptions> = Options & { client: RoomClient };

type ClientOf<Options extends RoomOptions> = ExtractRoomClient<WithRoomClient<Options>>;
type HandleMessage<Options extends RoomOptions, Payload> = (
  client: ClientOf<Options>,
  payload: Payload,
  context: MessageContext,
) => unknown;
type AnyIntent = Intent<unknown, unknown, unknown>;

/** What `onCreate` is told beside the join options. */
export interface CreateContext {
  /** Whether the room was there before: in an earlier process, or before it was empty. */
  readonly restored: boolean;
}

/**
 * A Colyseus room in which the tick is the transaction: what happened between two ticks is
 * encoded once, committed, and leaves each client's connection together: the state, then
 * the messages, then the replies.
 *
 * It takes nothing away from `Room`: lifecycle hooks, plugins, subclassing, StateView, fixed
 * timesteps, input buffers and rewind work as Colyseus documents them. A room with nothing
 * to do (no `onTick`, timer, input or change) does not tick.
 */
export abstract class SyncRoom<Options extends RoomOptions = RoomOptions> extends Room<
  WithRoomClient<Options>
> {
  /**
   * What a client may ask for when it joins, as a schema of any Standard Schema library; what
   * it lets through is all that `onAuth`, `persistence.key`, `onCreate` and `onJoin` are given.
   */
  static joinOptions?: StandardSchemaV1<unknown, Record<string, unknown>>;

  /** How often the room ticks while there is something to do; `patchRate` follows it. */
  ticksPerSecond = DEFAULT_TICKS_PER_SECOND;
  /** How long an empty room stays open, in milliseconds; 0: as Colyseus does it. */
  lingerMs = 0;
  /** How long a seat that was reserved waits to be taken; Colyseus has 15. */
  override seatReservationTimeout = UNTAKEN_SEAT_SECONDS;
  /** The largest message a client may send, with its envelope. */
  maxIntentBytes = MAX_INTENT_BYTES;
  /** Set it to keep the room, and to give each key one. */
  persistence?: Persistence;

  #lent = standaloneParts;
  #serializer: SafeSerializer | undefined;
  #parts: RoomParts | undefined;
  #isRewinding = false;

  static {
    aroundInit<SyncRoom>(
      SyncRoom,
      (room) => room.#assemble(),
      (room) => room.#connect(),
    );
  }

  /**
   * Called once, before the first client joins. With `restored` the state is there already,
   * as the last tick that was saved left it.
   */
  override onCreate?(options: never, context?: CreateContext): void | Promise<unknown>;

  /** One step of the simulation. What it changes leaves with this very tick. */
  onTick?(step: TickStep): void;

  /**
   * Called when a client reads too slowly to be sent every patch: it gets none until it has
   * caught up, then one full state. Others notice nothing.
   */
  onSlow?(client: ClientOf<Options>): void;

  /**
   * A client that drops keeps its seat for 20 s, and for 60 s when the process ended under it.
   * Override it for another policy.
   */
  override onDrop(client: ClientOf<Options>): void | Promise<unknown> {
    const isRestored = this.#parts?.seats?.isRestored(client) === true;
    const seconds = isRestored ? RESTORED_SEAT_GRACE_SECONDS : SEAT_GRACE_SECONDS;
    const seat = this.allowReconnection(client, "manual");
    const cancel = this.#lent.clock.schedule(seconds * 1_000, () => seat.reject());
    // Refused for a client that never joined: then there is no seat to keep.
    seat.then(cancel, cancel);
  }

  /** One tick, now; the room's own clock calls it as well. */
  override broadcastPatch(): boolean {
    return this.#requireParts().pipeline.run();
  }

  /** Ends the room. Clients that the code does not tell to stay away come back to a new one. */
  override disconnect(closeCode?: number): Promise<unknown> {
    // What was applied leaves with its effect, while those who asked are still members.
    if (this.clients.length > 0) this.broadcastPatch();
    // First: Colyseus may look for reserved seats before this call returns.
    hurryDisposal(this);
    return super.disconnect(closeCode);
  }

  /** Ends the room as a deploy does: it goes on in the next process, with everybody's seat. */
  override onBeforeShutdown(): void {
    void this.#requireParts()
      .suspend()
      .then(() => super.onBeforeShutdown());
  }

  override checkReconnectionToken(token: string): ReturnType<Room["checkReconnectionToken"]> {
    if (this.#requireParts().seats?.admit(token) === false) return "";
    return super.checkReconnectionToken(token);
  }

  override hasReservedSeat(sessionId: string, token?: string): boolean {
    if (token !== undefined && this.sessionOf(token) !== sessionId) return false;
    return super.hasReservedSeat(sessionId, token);
  }

  /** Ends the room for everybody and keeps nothing of it: its key begins anew. */
  async erase(): Promise<void> {
    this.#requireParts().durable?.discard();
    await this.disconnect();
  }

  override allowRewindState(options?: RewindOptions): Rewind {
    this.#isRewinding = true;
    return super.allowRewindState(options);
  }

  override setSerializer(serializer: Parameters<Room["setSerializer"]>[0]): void {
    if (!(serializer instanceof SchemaSerializer)) {
      super.setSerializer(serializer);
      return;
    }
    const { pipeline, countMutation, makeBases, makeRecorder } = this.#requireParts();
    const { meter } = this.#lent;
    const before = { own: this.#serializer, stock: serializerOf(this) };
    this.#serializer = new SafeSerializer({
      onMutation: countMutation,
      onSkip: (client) => {
        meter.conflated();
        this.onSlow?.(client as ClientOf<Options>);
      },
      // The room goes on with the state that it had.
      onRefused: () => {
        this.#serializer = before.own;
        super.setSerializer(before.stock);
      },
      bases: makeBases(),
      former: before.own,
      makeRecorder,
    });
    super.setSerializer(this.#serializer);
    // A state that replaces another is a full state for everybody who is here.
    for (const client of this.clients) this.#serializer.requestFullState(client);
    pipeline.wake();
  }

  /**
   * Sends a message to everybody in the room, with this tick. Unlike `broadcast` it can be
   * recovered: a client of ours that was away gets what it missed, or is told that some of
   * it is gone.
   */
  publish(event: string, payload: JsonValue): void {
    const { channels, pipeline } = this.#requireParts();
    if (channels === undefined) throw new SyncError("closed", "the room belongs to no server");
    channels.publish(this.roomId, event, payload);
    // Also with nobody there: who comes back may still ask for it.
    pipeline.wake();
  }

  /**
   * What intents with `audit` did in a durable room: newest first, at most `limit`, older than
   * `before`, which is the `position` of an entry. The store bounds their number and age.
   */
  async readAudit(limit = 100, before?: number): Promise<readonly AuditedIntent[]> {
    const { durable } = this.#requireParts();
    if (durable === undefined) throw new SyncError("not-durable", "the room is not kept");
    const entries = await durable.readAudit(limit, before);
    return entries.map(readAudited);
  }

  /**
   * How long the client's user has to wait for its next intent of this name, in milliseconds;
   * 0: not at all. For a page that has just been opened and cannot know.
   */
  cooldownLeftMs(client: RoomClient, name: string): number {
    return this.#requireParts().intents.cooldownLeftMs(name, client.user.id);
  }

  override onMessage<Payload = unknown>(
    type: "*",
    handler: (client: ClientOf<Options>, type: string | number, payload: Payload) => void,
  ): Unsubscribe;
  override onMessage<Payload = unknown>(
    type: string | number,
    handler: HandleMessage<Options, Payload>,
  ): Unsubscribe;
  override onMessage<Payload = unknown>(
    type: string | number,
    schema: StandardSchemaV1<Payload>,
    handler: HandleMessage<Options, Payload>,
  ): Unsubscribe;
  override onMessage(
    type: string | number,
    schemaOrHandler: unknown,
    handler?: unknown,
  ): Unsubscribe {
    const { intents } = this.#requireParts();
    if (type === "*") {
      const fallback = intents.registerFallback(schemaOrHandler as HandleAnyMessage);
      return super.onMessage("*", fallback as never) as Unsubscribe;
    }
    const declared = (this.messages as Record<string, Partial<AnyIntent>> | undefined)?.[type];
    const message: RoomMessage = {
      name: String(type),
      schema: handler === undefined ? undefined : (schemaOrHandler as StandardSchemaV1),
      options: declared?.format === schemaOrHandler ? (declared?.options ?? {}) : {},
      handler: (handler ?? schemaOrHandler) as RoomMessage["handler"],
    };
    const unregister = intents.register(message);
    const unbind = super.onMessage(type, (client: unknown, payload, context) =>
      intents.run(client as RoomClient, message, payload, context),
    ) as Unsubscribe;
    return () => {
      unregister();
      unbind();
    };
  }

  override onMessageBytes(
    type: string | number,
    handler: (client: ClientOf<Options>, bytes: Uint8Array) => unknown,
  ): Unsubscribe;
  override onMessageBytes<Payload>(
    type: string | number,
    schema: StandardSchemaV1<Payload>,
    handler: (client: ClientOf<Options>, payload: Payload) => unknown,
  ): Unsubscribe;
  override onMessageBytes(
    type: string | number,
    schemaOrHandler: unknown,
    handler?: unknown,
  ): Unsubscribe {
    const { intents } = this.#requireParts();
    const contained = intents.containBytes(
      String(type),
      (handler ?? schemaOrHandler) as HandleBytes,
    );
    const unbind: unknown =
      handler === undefined
        ? super.onMessageBytes(type, contained as never)
        : super.onMessageBytes(type, schemaOrHandler as StandardSchemaV1, contained as never);
    return unbind as Unsubscribe;
  }

  /** For the server that registered this room. @internal */
  useLentParts(lent: LentParts): void {
    this.#lent = lent;
  }

  /** Whose reconnection token it is. @internal */
  sessionOf(token: string): string | undefined {
    if (this.#requireParts().seats?.admit(token) === false) return undefined;
    return sessionOfToken(this, token);
  }

  /** For the transport. @internal */
  get ticked(): TickedRoom {
    const { pipeline, channels } = this.#requireParts();
    return {
      gate: pipeline.outbox,
      schemaHash: this.#serializer?.schemaHash ?? "",
      ticksPerSecond: Math.min(this.ticksPerSecond, MAX_TICKS_PER_SECOND),
      hasState: this.#serializer !== undefined,
      stream: channels?.streamOf(this.roomId),
    };
  }

  /** How many ticks there were, for operators. @internal */
  get ticksSoFar(): number {
    return this.#requireParts().pipeline.tick;
  }

  #requireParts(): RoomParts {
    if (this.#parts === undefined) throw new SyncError("closed", "the room is not initialised yet");
    return this.#parts;
  }

  /** Everybody who was there when an earlier process ended. @internal */
  async restoreSeats(): Promise<void> {
    const { seats, pipeline } = this.#requireParts();
    await seats?.restore(pipeline.outbox);
  }

  #connect(): void {
    const parts = this.#requireParts();
    const { durable } = parts;
    connectRoom(this, parts);
    tellOnCreate(this, { restored: durable?.restored !== undefined } satisfies CreateContext);
    if (durable === undefined || this.persistence === undefined) return;
    restoreState(this, durable, this.persistence);
    if (durable.restored !== undefined) this.#lent.meter.recovered("room", true);
    if (durable.restored?.isWhole === false) parts.pipeline.commits.requireSnapshot();
    // Another process has the room: everybody is sent there, and nothing more is said here.
    durable.watchLoss(() => void this.disconnect(CloseCode.REJOIN));
  }

  #assemble(): void {
    uniteTickRate(this);
    this.#parts = new RoomParts({
      lent: this.#lent,
      room: this,
      serializer: () => this.#serializer,
      durable: this.persistence && this.#lent.durability?.take(this.roomId),
      isRewinding: () => this.#isRewinding,
      stockBroadcast: () => super.broadcastPatch(),
    });
    const parts = this.#parts;
    super.onMessage(CHANNEL_TYPE, (client: unknown, envelope, context) =>
      parts.performOperation(client as RoomClient, envelope, context),
    );
    const { checks, intents } = parts;
    super.onMessage(CHECKSUM_TYPE, (client: unknown, _payload, context) =>
      checks.check(client as RoomClient, context),
    );
    super.onMessage(RESYNC_TYPE, (client: unknown, _payload, context) =>
      checks.resync(client as RoomClient, context),
    );
    super.onMessage(INTENT_TYPE, (client: unknown, envelope, context) =>
      intents.runEnvelope(client as RoomClient, envelope, context),
    );
  }
}

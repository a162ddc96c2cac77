import { ClientState, SchemaSerializer, type Client, type ClientPrivate } from "@colyseus/core";
import {
  encode,
  type Encoder,
  type Iterator,
  type Ref,
  type Schema,
  type StateView,
} from "@colyseus/schema";
import { Protocol, ProtocolModifier } from "@colyseus/shared-types";
import { Grid } from "../../shared/state/grid.ts";
import { beginRefIds, settleRebuilt } from "../durability/state/rebuild-state.ts";
import { nextRefId } from "../durability/state/state-internals.ts";
import { MAX_QUEUED_PATCH_BYTES } from "../../shared/limits.ts";
import { checkArrival } from "../numbers/check-arrival.ts";
import { checkNumbers } from "../numbers/check-numbers.ts";
import { NO_FRAME, RoomClient } from "../transport/websocket-client.ts";
import { isInState, refsInState, watchMutations } from "./colyseus-internals.ts";
import type { GridBases } from "./grid-bases.ts";
import { growBuffers } from "./growing-buffers.ts";

type Timing = { sNow: number } | undefined;

/** Writes down what each tick does to a durable room's state. */
export interface StateRecorder {
  /** Whether the state may change without anybody's being told. */
  readonly hasUntracked: boolean;
  /** Called once a tick, before its changes are forgotten. */
  takeChanges(): Uint8Array | undefined;
  /** The whole state now. */
  snapshot(): Uint8Array;
}

/** What a tick did to the state. */
export interface TickedState {
  readonly hasChanged: boolean;
  /** What has to be saved of it; undefined: nothing, or the room is not durable. */
  readonly record: Uint8Array | undefined;
  /** Patches and full states, over all who got them. */
  readonly sentBytes: number;
}

/** Protocol byte, server time and acknowledged input: the head of a `defineInput` frame. */
const TIMED_HEAD_BYTES = 9;

export interface SafeSerializerOptions {
  /** Called for every change of the state. */
  readonly onMutation: () => void;
  /** A client does not read what it is sent: it gets no patches until it has caught up. */
  readonly onSkip?: (client: Client) => void;
  /** The state that was to be encoded holds a number that no client would read. */
  readonly onRefused?: () => void;
  readonly bases: GridBases;
  /** What encoded the state that this one's replaces. */
  readonly former?: SafeSerializer | undefined;
  /** Given: the state is durable, and its changes are recorded, clients or not. */
  readonly makeRecorder?: ((encoder: Encoder) => StateRecorder) | undefined;
}

/**
 * Encodes a room's state so that no bytes handed out change afterwards, and none are cut
 * off, whatever the state's size.
 *
 * - A tick's patch is encoded once and copied once, whoever receives it.
 * - A client that joins, or fell behind, gets one full state in place of a patch, encoded
 *   once a tick for everybody without a view.
 * - The stock serializer hands sockets a view of a buffer that the next tick overwrites
 *   and truncates views beyond 16 KB (test/integration/safe-serializer.test.ts).
 */
export class SafeSerializer extends SchemaSerializer<Schema> {
  readonly #onMutation: () => void;
  readonly #onSkip: (client: Client) => void;
  readonly #onRefused: () => void;
  readonly #bases: GridBases;
  /** Ref ids that clients may know from another state are below it. */
  readonly #firstRefId: number;
  readonly #awaitingFullState = new Set<Client>();
  /** What the next full state is likely to take, with what a view adds to it. */
  #fullStateBytes = 1_024;
  #schemaHash: string | undefined;
  readonly #makeRecorder: ((encoder: Encoder) => StateRecorder) | undefined;
  #recorder: StateRecorder | undefined;
  #ticked: TickedState = UNCHANGED;

  constructor(options: SafeSerializerOptions) {
    super();
    const { onMutation, onSkip = () => {}, onRefused = () => {}, bases, makeRecorder } = options;
    const { former } = options;
    this.#onMutation = onMutation;
    this.#onSkip = onSkip;
    this.#onRefused = onRefused;
    this.#bases = bases;
    // One that was never given a state has no encoder.
    const encoder = former?.encoder as Encoder | undefined;
    this.#firstRefId = encoder === undefined ? 0 : nextRefId(encoder.root);
    this.#makeRecorder = makeRecorder;
    this.fullEncodeBuffer = NO_FRAME;
  }

  override reset(state: Schema): void {
    try {
      checkArrival(state);
    } catch (error) {
      this.#onRefused();
      throw error;
    }
    if (this.#firstRefId > 0) beginRefIds(state, this.#firstRefId);
    super.reset(state);
    checkNumbers(this.encoder);
    growBuffers(this.encoder);
    settleRebuilt(this.encoder);
    this.#recorder = this.#makeRecorder?.(this.encoder);
    const lookAfter = (ref: Ref): void => {
      if (ref instanceof Grid) this.#bases.add(ref);
    };
    for (const ref of refsInState(this.encoder)) lookAfter(ref);
    watchMutations(this.encoder, (ref) => {
      lookAfter(ref);
      this.#onMutation();
    });
  }

  /** Whether the next tick has something to say. */
  get isDirty(): boolean {
    return this.encoder.root.changes.next !== undefined || this.#awaitingFullState.size > 0;
  }

  /** Whether it has something for those who are here: streams hand out a little in each. */
  get hasBacklog(): boolean {
    return this.encoder.hasChanges;
  }

  /** Whether only a tick finds out what has to be saved of the state. */
  get hasUntracked(): boolean {
    return this.#recorder?.hasUntracked === true;
  }

  /** Changes when the state's schema does: what a client compares after a deploy. */
  get schemaHash(): string {
    this.#schemaHash ??= fnv1a(this.handshake());
    return this.#schemaHash;
  }

  /** What the last tick did, once. */
  takeTick(): TickedState {
    const ticked = this.#ticked;
    this.#ticked = UNCHANGED;
    return ticked;
  }

  /** The whole state now, as records have it; undefined: the room is not durable. */
  snapshot(): Uint8Array | undefined {
    return this.#recorder?.snapshot();
  }

  /** Gives the client a full state in place of the next tick's patch. */
  requestFullState(client: Client): void {
    this.#awaitingFullState.add(client);
    this.#onMutation();
  }

  /** Whether the client gets nothing yet, because its full state is still to come. */
  isAwaited(client: Client): boolean {
    return this.#awaitingFullState.has(client);
  }

  /** The state as it is now. For a client: nothing now, it comes with the next tick. */
  override getFullState(client?: Client): Uint8Array {
    if (client === undefined) return this.#encodeFull();
    this.requestFullState(client);
    return NO_FRAME;
  }

  /** Hands every joined client its state frame of this tick, through `client.raw`. */
  override applyPatches(clients: Client[], _state?: unknown, timing?: Timing): boolean {
    const hasChanges = this.encoder.hasChanges;
    const receivers = clients.filter(
      (client) => client.state === ClientState.JOINED && !this.#awaitingFullState.has(client),
    );
    // A new board in a patch is the whole of it: not for a room of nothing but joiners.
    const isWanted = receivers.length > 0;
    const shared = hasChanges && isWanted ? this.#encodeShared() : undefined;
    // Also when nothing has changed: some fields do so without a note.
    const record = this.#recorder?.takeChanges();
    let sentBytes = 0;
    const views = new Map<StateView, Uint8Array>();
    for (const client of receivers) {
      const frame = this.#patchFor(client, shared, views) ?? (timing && HEARTBEAT);
      if (frame === undefined) continue;
      if (isBehind(client, frame)) {
        this.#skip(client);
        continue;
      }
      client.raw(timing ? timedFrame(frame, timing, client) : frame);
      sentBytes += frame.byteLength;
    }
    // First forget the changes: a full state encoded over pending ones marks them as sent.
    this.encoder.discardChanges();
    sentBytes += this.#sendFullStates(timing);
    this.#ticked = { hasChanged: hasChanges, record, sentBytes };
    return hasChanges;
  }

  /** From now on nothing, until the client has read all that waits for it; then all at once. */
  #skip(client: Client): void {
    this.#awaitingFullState.add(client);
    this.#onSkip(client);
  }

  #patchFor(
    client: Client,
    shared: { frame: Uint8Array; offset: number } | undefined,
    views: Map<StateView, Uint8Array>,
  ): Uint8Array | undefined {
    const view = this.hasFilters ? client.view : undefined;
    if (view === undefined) return shared?.frame;
    if (shared === undefined && view.changes.size === 0) return undefined;
    let frame = views.get(view);
    if (frame === undefined) {
      const offset = shared?.offset ?? 1;
      if (shared === undefined) this.encoder.sharedBuffer[0] = Protocol.ROOM_STATE_PATCH;
      // Every view may write behind the shared part anew: `encodeView` returns a copy.
      frame = this.encoder.encodeView(view, offset, { offset });
      views.set(view, frame);
    }
    return frame;
  }

  #encodeShared(): { frame: Uint8Array; offset: number } {
    const it: Iterator = { offset: 1 };
    this.encoder.sharedBuffer[0] = Protocol.ROOM_STATE_PATCH;
    const frame = this.encoder.encode(it).slice();
    return { frame, offset: it.offset };
  }

  /** Returns how many bytes that was. */
  #sendFullStates(timing: Timing): number {
    if (this.#awaitingFullState.size === 0) return 0;
    this.#bases.keep((grid) => isInState(this.encoder, grid));
    if (!this.#bases.prepare()) return 0;
    let sentBytes = 0;
    let full: Uint8Array | undefined;
    for (const client of this.#awaitingFullState) {
      // A full state may be more than the queue holds: it goes out alone.
      if (queuedBytesOf(client) > 0) continue;
      this.#awaitingFullState.delete(client);
      // Who is not a member yet asks on becoming one; who is a member no more needs none.
      if (client.state !== ClientState.JOINED) continue;
      full ??= this.#encodeFull();
      const frame = this.#fullStateFor(client, full);
      client.raw(timing ? timedFrame(frame, timing, client) : frame);
      sentBytes += frame.byteLength;
      // That frame has it all. Left for the next patch, an array that the view was given would
      // be listed anew there, with what it got meanwhile and the view does not see.
      client.view?.changes.clear();
    }
    return sentBytes;
  }

  #fullStateFor(client: Client, full: Uint8Array): Uint8Array {
    if (!this.hasFilters || client.view === undefined) return full;
    const { byteLength: offset } = full;
    // Behind the shared part, where every view may write anew: the encoder returns a copy.
    const buffer = withRoom(full, this.#fullStateBytes);
    const frame = this.encoder.encodeAllView(client.view, offset, { offset }, buffer);
    this.#expectFullState(frame);
    return frame;
  }

  /** In a buffer that nobody writes to again but behind its end. */
  #encodeFull(): Uint8Array {
    const buffer = new Uint8Array(this.#fullStateBytes);
    buffer[0] = Protocol.ROOM_STATE;
    const full = this.encoder.encodeAll({ offset: 1 }, buffer);
    this.#expectFullState(full);
    return full;
  }

  #expectFullState({ byteLength }: Uint8Array): void {
    // An eighth more, or a state that grows a little would be encoded twice at each join.
    if (byteLength > this.#fullStateBytes) this.#fullStateBytes = byteLength + (byteLength >> 3);
  }
}

function queuedBytesOf(client: Client): number {
  return client instanceof RoomClient ? client.queuedBytes : 0;
}

/** Whether the client has so much to read that a patch more would only make it later. */
function isBehind(client: Client, frame: Uint8Array): boolean {
  const queued = queuedBytesOf(client);
  return queued > 0 && queued + frame.byteLength > MAX_QUEUED_PATCH_BYTES;
}

const UNCHANGED: TickedState = { hasChanged: false, record: undefined, sentBytes: 0 };

/** All of the buffer that `bytes` begin, or of a larger one. */
function withRoom(bytes: Uint8Array, byteLength: number): Uint8Array {
  const whole = new Uint8Array(bytes.buffer);
  if (whole.byteLength >= byteLength) return whole;
  const larger = new Uint8Array(byteLength);
  larger.set(bytes);
  return larger;
}

/** Rooms with `defineInput` owe their clients a time sample in quiet ticks as well. */
const HEARTBEAT = Uint8Array.of(Protocol.ROOM_STATE_PATCH);

/** The frame with Colyseus's timing head, which differs for each client. */
function timedFrame(frame: Uint8Array, timing: { sNow: number }, client: Client): Uint8Array {
  const timed = new Uint8Array(TIMED_HEAD_BYTES - 1 + frame.byteLength);
  const it: Iterator = { offset: 1 };
  timed[0] = frame[0]! | ProtocolModifier.TIMED;
  encode.uint32(timed, timing.sNow >>> 0, it);
  encode.uint32(timed, ((client as Client & ClientPrivate)._inputBuffer?.ackSeq ?? 0) >>> 0, it);
  timed.set(frame.subarray(1), TIMED_HEAD_BYTES);
  return timed;
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo): short, and schemas do not attack each other. */
function fnv1a(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

import { decode, type Iterator } from "@colyseus/schema";
import { getMessageBytes, Protocol } from "@colyseus/core";
import { ResponseStatus } from "@colyseus/shared-types";
import { SyncError } from "../../shared/errors.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";
import type { TickFate } from "./commit-queue.ts";
import type { FrameGate, FrameKind, RoomClient } from "../transport/websocket-client.ts";

/** What one client gets from one tick, by kind and, within a kind, in the order it was sent. */
type ClientFrames = [states: Uint8Array[], messages: Uint8Array[], replies: Uint8Array[]];

/** Everything that leaves with one tick. */
export type TickBatch = ReadonlyMap<RoomClient, ClientFrames>;

/**
 * Holds what a room sends until its tick leaves: the state first, then the messages, then
 * the replies, so that a reply never overtakes its effect and neither overtakes the state.
 */
export class TickOutbox implements FrameGate {
  readonly #onHold: () => void;
  #open = new Map<RoomClient, ClientFrames>();
  /** Batches taken but not yet released, which still count as held for their clients. */
  readonly #inFlight = new Set<TickBatch>();
  #heldFrames = 0;
  #isClosed = false;

  constructor(onHold: () => void) {
    this.#onHold = onHold;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** Grows with every frame: whether something was sent between two moments. */
  get heldFrames(): number {
    return this.#heldFrames;
  }

  hold(client: RoomClient, kind: FrameKind, frame: Uint8Array): void {
    if (this.#isClosed) {
      client.write(frame);
      return;
    }
    let frames = this.#open.get(client);
    if (frames === undefined) {
      frames = [[], [], []];
      this.#open.set(client, frames);
    }
    frames[kind].push(frame);
    this.#heldFrames += 1;
    this.#onHold();
  }

  isHolding(client: RoomClient): boolean {
    if (this.#open.has(client)) return true;
    for (const batch of this.#inFlight) if (batch.has(client)) return true;
    return false;
  }

  /**
   * Ends the open tick: what it holds now leaves together, what comes next is the next's.
   * What is for a client that still waits for its full state stays behind with it, as far as
   * the client's queue would hold it.
   */
  take(isWaiting: (client: RoomClient) => boolean = () => false): TickBatch {
    const batch = this.#open;
    this.#open = new Map();
    for (const [client, frames] of batch) {
      if (!isWaiting(client)) continue;
      batch.delete(client);
      if (client.canHold(sizeOf(frames))) this.#open.set(client, frames);
      else client.overflow();
    }
    this.#inFlight.add(batch);
    return batch;
  }

  /** There are no more ticks to wait for: what is held and what comes goes straight out. */
  close(): void {
    this.#isClosed = true;
    this.release(this.take());
  }

  /**
   * Lets a batch go. Of a tick that was not saved, replies say so; in a room that goes on
   * elsewhere nobody gets a reply, and in one that was lost nobody gets anything.
   */
  release(batch: TickBatch, fate: TickFate = "saved"): void {
    this.#inFlight.delete(batch);
    for (const [client, frames] of batch) {
      if (fate !== "lost") client.writeTogether(() => write(client, frames, fate));
      if (!this.isHolding(client)) client.released();
    }
  }
}

function sizeOf(frames: ClientFrames): number {
  let size = 0;
  for (const kind of frames) for (const frame of kind) size += frame.byteLength;
  return size;
}

function write(client: RoomClient, frames: ClientFrames, fate: TickFate): void {
  const [states, messages, replies] = frames;
  for (const frame of states) client.write(frame);
  for (const frame of messages) client.write(frame);
  if (fate === "suspended") return;
  for (const frame of replies) client.write(fate === "saved" ? frame : notDurable(frame));
}

/** The same reply, saying that what it answers was applied but not saved. */
function notDurable(reply: Uint8Array): Uint8Array {
  const it: Iterator = { offset: 1 };
  const requestId = decode.number(reply, it);
  if (reply[it.offset] !== ResponseStatus.OK) return reply;
  const error = new SyncError("not-durable", "applied, but the store did not save it");
  return getMessageBytes[Protocol.ROOM_RESPONSE](
    requestId,
    ResponseStatus.REJECTED,
    toWireError(error),
  );
}

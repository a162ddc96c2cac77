import { backoffDelayMs } from "../../shared/backoff.ts";
import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { RECONNECT_BASE_DELAY_MS, ROOM_SAVE_MAX_DELAY_MS } from "../../shared/limits.ts";
import type { Logger } from "../logger.ts";
import type { Meter } from "../metrics/meter.ts";
import type { RoomClaim, TickToSave } from "../persistence/room-store.ts";

/** Where a durable room's ticks go. */
export interface TickWriter {
  readonly claim: RoomClaim;
  /** Whether nothing is saved any more, because the room goes on in another process. */
  readonly isFrozen: boolean;
  append(tick: TickToSave): Promise<void>;
  saveSnapshot(snapshot: TickToSave): Promise<void>;
}

export interface CommitQueueOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Absent: the room is not durable. */
  readonly writer: TickWriter | undefined;
  /** The next tick has to bring a snapshot. */
  readonly onSnapshotWanted: () => void;
}

/**
 * What became of a tick. `suspended`: the room goes on elsewhere, and who asked for something
 * asks again there; `lost`: it does so already, and nobody may be told anything here.
 */
export type TickFate = "saved" | "not-saved" | "suspended" | "lost";

/** Players wait for the disk, and soon after it is well no longer. */
const SAVE_DELAYS = {
  initialDelayMs: RECONNECT_BASE_DELAY_MS,
  maxDelayMs: ROOM_SAVE_MAX_DELAY_MS,
};

/**
 * Commits a room's ticks one after the other, and lets each tick's frames go when its own
 * commit is done: ticks commit and leave in order. Without a writer they leave at once.
 *
 * A commit that fails makes the room unavailable for durable intents, because what follows
 * would be a patch on top of a hole. The queue then asks for a fresh snapshot, which holds
 * what the failed tick did, with growing delays; when one is saved, all is well again.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #tail: Promise<void> | undefined;
  #isAvailable = true;
  #isLost = false;
  #wantsSnapshot = false;
  #failedSnapshots = 0;
  #cancelRetry: CancelTimer | undefined;
  #isClosed = false;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  get isAvailable(): boolean {
    return this.#isAvailable;
  }

  /** Whether the next tick has to bring a snapshot. */
  get wantsSnapshot(): boolean {
    return this.#wantsSnapshot;
  }

  /** Makes the room unavailable until it was saved whole: what was there has a hole. */
  requireSnapshot(): void {
    this.#isAvailable = false;
    this.#requestSnapshot();
  }

  /** Calls `release` once, in the order of the calls, saying what became of the tick. */
  submit(tick: TickToSave | undefined, release: (fate: TickFate) => void): void {
    const { writer } = this.#options;
    if (writer === undefined) release("saved");
    else this.#enqueue(async () => release(await this.#commit(writer, tick)));
  }

  /** Saves the room as of the tick just submitted; what is submitted next builds on it. */
  submitSnapshot(snapshot: TickToSave): void {
    this.#wantsSnapshot = false;
    this.#enqueue(() => this.#saveSnapshot(snapshot));
  }

  /** Resolves when everything submitted until now has been committed, or has failed. */
  async drain(): Promise<void> {
    await this.#tail;
  }

  /** Resolves when everything submitted has been committed, or has failed, and was released. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await this.drain();
  }

  #enqueue(work: () => Promise<void>): void {
    const { logger } = this.#options;
    // An error of one release must not keep the ticks behind it for ever.
    this.#tail = (this.#tail ?? Promise.resolve())
      .then(work)
      .catch((error: unknown) => logger.error("releasing a tick failed", error));
  }

  async #commit(writer: TickWriter, tick: TickToSave | undefined): Promise<TickFate> {
    if (this.#isLost) return "lost";
    if (writer.isFrozen && tick === undefined) return "suspended";
    // Also for a tick that changed nothing: it may answer again what a failed one answered.
    if (!this.#isAvailable) return "not-saved";
    if (tick === undefined) return "saved";
    const startedAt = performance.now();
    const report = (isSaved: boolean): void =>
      this.#options.meter.committed(performance.now() - startedAt, isSaved);
    try {
      await writer.append(tick);
      report(true);
      return "saved";
    } catch (error) {
      report(false);
      this.#isLost = isLoss(error);
      if (this.#isLost) return "lost";
      const { roomId } = writer.claim;
      this.#options.logger.error(`tick ${tick.tick} of room ${roomId} not saved`, error, {
        roomId,
      });
      this.requireSnapshot();
      return "not-saved";
    }
  }

  async #saveSnapshot(snapshot: TickToSave): Promise<void> {
    const { writer, logger, clock } = this.#options;
    try {
      await writer?.saveSnapshot(snapshot);
      this.#isAvailable = true;
      this.#failedSnapshots = 0;
    } catch (error) {
      this.#isLost ||= isLoss(error);
      if (this.#isLost) return;
      const roomId = writer?.claim.roomId ?? "";
      logger.warn(`snapshot of room ${roomId} not saved`, error, { roomId });
      if (this.#isClosed) return;
      const delayMs = backoffDelayMs(this.#failedSnapshots, Math.random, SAVE_DELAYS);
      this.#failedSnapshots += 1;
      this.#cancelRetry = clock.schedule(delayMs, () => this.#requestSnapshot());
    }
  }

  #requestSnapshot(): void {
    this.#wantsSnapshot = true;
    this.#options.onSnapshotWanted();
  }
}

function isLoss(error: unknown): boolean {
  return error instanceof SyncError && error.code === "room-lost";
}

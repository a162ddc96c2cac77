import { backoffDelayMs } from "../../shared/backoff.ts";
import type { CancelTimer } from "../../shared/clock.ts";
import type { JournalEntry, RoomSnapshot } from "../persistence/journal.ts";
import type { RoomServices } from "./room-services.ts";

/**
 * Commits a room's ticks one after the other, and lets each tick's frames go when its own
 * commit is done: ticks commit and leave in order. Without a journal they leave at once.
 *
 * A commit that fails makes the room unavailable for durable intents, because what follows
 * would be a patch on top of a hole. The queue then asks for a fresh snapshot, which holds
 * what the failed tick did, with growing delays; when one is saved, all is well again.
 */
export class CommitQueue {
  readonly #services: RoomServices;
  readonly #onSnapshotWanted: () => void;
  #tail: Promise<void> | undefined;
  #isAvailable = true;
  #wantsSnapshot = false;
  #failedSnapshots = 0;
  #cancelRetry: CancelTimer | undefined;
  #isClosed = false;

  constructor(services: RoomServices, onSnapshotWanted: () => void) {
    this.#services = services;
    this.#onSnapshotWanted = onSnapshotWanted;
  }

  get isAvailable(): boolean {
    return this.#isAvailable;
  }

  /** Whether the next tick has to bring a snapshot. */
  get wantsSnapshot(): boolean {
    return this.#wantsSnapshot;
  }

  /** Calls `release` once, in the order of the calls, saying whether the commit failed. */
  submit(entry: JournalEntry | undefined, release: (failed: boolean) => void): void {
    if (this.#services.journal === undefined) release(false);
    else this.#enqueue(async () => release(await this.#hasFailed(entry)));
  }

  /** Saves the state as of the tick just submitted; what is submitted next builds on it. */
  submitSnapshot(snapshot: RoomSnapshot): void {
    this.#wantsSnapshot = false;
    this.#enqueue(() => this.#saveSnapshot(snapshot));
  }

  /** Resolves when everything submitted has been committed, or has failed, and was released. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await this.#tail;
  }

  #enqueue(work: () => Promise<void>): void {
    const { logger } = this.#services;
    // An error of one release must not keep the ticks behind it for ever.
    this.#tail = (this.#tail ?? Promise.resolve())
      .then(work)
      .catch((error: unknown) => logger.error("releasing a tick failed", error));
  }

  async #hasFailed(entry: JournalEntry | undefined): Promise<boolean> {
    // Also for a tick that changed nothing: it may answer again what a failed one answered.
    if (!this.#isAvailable) return true;
    if (entry === undefined) return false;
    try {
      await this.#services.journal?.append(entry);
      return false;
    } catch (error) {
      this.#services.logger.error(`tick ${entry.tick} of room ${entry.roomId} not saved`, error);
      this.#isAvailable = false;
      this.#requestSnapshot();
      return true;
    }
  }

  async #saveSnapshot(snapshot: RoomSnapshot): Promise<void> {
    try {
      await this.#services.journal?.saveSnapshot(snapshot);
      this.#isAvailable = true;
      this.#failedSnapshots = 0;
    } catch (error) {
      this.#services.logger.warn(`snapshot of room ${snapshot.roomId} not saved`, error);
      if (this.#isClosed) return;
      const delayMs = backoffDelayMs(this.#failedSnapshots);
      this.#failedSnapshots += 1;
      this.#cancelRetry = this.#services.clock.schedule(delayMs, () => this.#requestSnapshot());
    }
  }

  #requestSnapshot(): void {
    this.#wantsSnapshot = true;
    this.#onSnapshotWanted();
  }
}

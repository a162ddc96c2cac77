import type { TickToSave } from "../persistence/room-store.ts";
import { CommitQueue, type TickWriter } from "./commit-queue.ts";
import type { LentParts } from "./lent-parts.ts";
import type { SafeSerializer } from "./safe-serializer.ts";
import { TickClock } from "./tick-clock.ts";
import { TickOutbox } from "./tick-outbox.ts";

/** The part of a durable room that the pipeline feeds. */
export interface DurableTicks extends TickWriter {
  /** What the tick leaves to be saved, with what it did to the state; undefined: nothing. */
  takeTick(
    step: { tick: number; at: number },
    state: Uint8Array | undefined,
  ): TickToSave | undefined;
  /** The room as it is now, with this state. */
  takeSnapshot(step: { tick: number; at: number }, state: Uint8Array | undefined): TickToSave;
}

/** What `onTick` is told about its tick. */
export interface TickStep {
  /** Counts the ticks of this room, from 1. */
  readonly tick: number;
  /** Milliseconds since the last tick, measured; the period itself for the first one. */
  readonly timestepMs: number;
  /** Milliseconds since the Unix epoch, on the server's clock. */
  readonly now: number;
}

export interface TickPipelineOptions {
  lent: LentParts;
  periodMs: () => number;
  /** Whether a quiet room has to tick all the same. */
  isBusy: () => boolean;
  /** Number of the first tick: 1, but for a room that goes on where it was. */
  firstTick: number;
  /** Runs the simulation step. */
  step: (step: TickStep) => void;
  /** Encodes the patch; frames reach the outbox through the clients. */
  encode: () => void;
  serializer: () => SafeSerializer | undefined;
  /** The store's side of the room; absent: it is not durable. */
  durable: DurableTicks | undefined;
  onError: (error: unknown) => void;
}

const QUIET = { hasChanged: false, record: undefined, sentBytes: 0 };

/**
 * The tick is the transaction: what happened since the last one is encoded once, committed,
 * and leaves for each client together, in that order.
 */
export class TickPipeline {
  readonly outbox: TickOutbox;
  readonly commits: CommitQueue;
  readonly #options: TickPipelineOptions;
  readonly #clock: TickClock;
  #tick = 0;
  #lastTickAt: number | undefined;
  #isOpen = false;
  #behindPatch: (() => void)[] = [];

  constructor(options: TickPipelineOptions) {
    this.#options = options;
    const { lent, periodMs } = options;
    this.outbox = new TickOutbox(() => this.wake());
    const { clock, logger, meter } = lent;
    const onSnapshotWanted = (): void => this.wake();
    const { durable: writer } = options;
    this.commits = new CommitQueue({ clock, logger, meter, writer, onSnapshotWanted });
    this.#tick = options.firstTick - 1;
    this.#clock = new TickClock({
      clock: lent.clock,
      periodMs,
      isBusy: () => !this.outbox.isEmpty || this.#behindPatch.length > 0 || options.isBusy(),
      tick: (lateMs) => this.run(lateMs),
    });
  }

  get isAwake(): boolean {
    return this.#isOpen || this.#clock.isAwake;
  }

  /** Number of the last tick. */
  get tick(): number {
    return this.#tick;
  }

  wake(): void {
    // What a tick does until its batch is taken leaves with that batch.
    if (!this.#isOpen) this.#clock.wake();
  }

  /**
   * Runs `work` once, right behind the next tick's patch: the state is then what clients are
   * sent, and replies that `work` sends leave with that patch.
   */
  behindPatch(work: () => void): void {
    this.#behindPatch.push(work);
    this.wake();
  }

  /** One tick, now, which may have been due earlier. True when the state had changed. */
  run(lateMs = 0): boolean {
    // A tick within a tick would never end; who asks for one gets what this one brings.
    if (this.#isOpen) return false;
    const { lent, periodMs, step, encode, serializer, durable } = this.#options;
    lent.meter.ticked(lateMs);
    const now = lent.clock.now();
    const timestepMs = this.#lastTickAt === undefined ? periodMs() : now - this.#lastTickAt;
    this.#lastTickAt = now;
    this.#tick += 1;
    this.#isOpen = true;
    this.#attempt(() => step({ tick: this.#tick, timestepMs, now }));
    // What could not be encoded cannot be saved either; a whole state makes up for it.
    if (!this.#attempt(encode) && durable !== undefined) this.commits.requireSnapshot();
    this.#runBehindPatch();
    const state = serializer();
    const batch = this.outbox.take((client) => state?.isAwaited(client) === true);
    this.#isOpen = false;

    const { hasChanged, record, sentBytes } = state?.takeTick() ?? QUIET;
    if (sentBytes > 0) lent.meter.patched(sentBytes);
    const saved = durable?.takeTick({ tick: this.#tick, at: now }, record);
    this.commits.submit(saved, (fate) => this.outbox.release(batch, fate));
    if (this.commits.wantsSnapshot) this.#submitSnapshot(now);
    return hasChanged;
  }

  /** Resolves when what every tick until now did is saved, or cannot be. */
  async settle(): Promise<void> {
    this.run();
    await this.commits.drain();
  }

  /** Ticks once more, then never again; resolves when that tick was committed and has left. */
  async close(): Promise<void> {
    this.#clock.stop();
    this.run();
    // Closed last, or what is sent meanwhile would overtake a tick that is being committed.
    await this.commits.close();
    this.outbox.close();
  }

  #runBehindPatch(): void {
    // Taken first: what asks again while it runs waits for the next tick.
    const works = this.#behindPatch;
    this.#behindPatch = [];
    for (const work of works) this.#attempt(work);
  }

  #submitSnapshot(at: number): void {
    const { durable, serializer } = this.#options;
    if (durable === undefined || durable.isFrozen) return;
    const state = serializer()?.snapshot();
    this.commits.submitSnapshot(durable.takeSnapshot({ tick: this.#tick, at }, state));
  }

  /** An error of the game's code costs this tick's step, not the room; false: there was one. */
  #attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#options.onError(error);
      return false;
    }
  }
}

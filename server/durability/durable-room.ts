import { SyncError } from "../../shared/errors.ts";
import {
  COMPACT_AFTER_BYTES,
  COMPACT_AFTER_RECORDS,
  MAX_KEPT_REPLY_BYTES,
} from "../../shared/limits.ts";
import type { Logger } from "../logger.ts";
import type {
  AuditEntry,
  AuditPosition,
  RoomClaim,
  RoomStore,
  TickToSave,
} from "../persistence/room-store.ts";
import type { RoomImage } from "./room-image.ts";
import {
  packContent,
  packedSize,
  type RoomContent,
  type SavedCooldown,
  type SavedIntent,
  type SavedMessage,
  type SavedSeat,
  type SavedStream,
} from "./tick-content.ts";

export interface DurableRoomOptions {
  readonly store: RoomStore;
  readonly claim: RoomClaim;
  /** What an earlier process left; undefined: the room is new. */
  readonly image: RoomImage | undefined;
  readonly logger: Logger;
  /** Called once, when the room is no longer written here. */
  readonly onClosed: () => void;
}

/** What a room's parts remember, for a record that stands for all earlier ones. */
export type Remembered = Pick<RoomContent, "intents" | "cooldowns"> & {
  readonly messages: readonly SavedMessage[];
};

/** What belongs to the open tick, beside its state. */
class Notes {
  readonly intents: SavedIntent[] = [];
  readonly cooldowns: SavedCooldown[] = [];
  /** By session; undefined: it ended for good. */
  readonly seats = new Map<string, SavedSeat | undefined>();
  readonly audit: AuditEntry[] = [];
  readonly messages: SavedMessage[] = [];

  get isEmpty(): boolean {
    const { intents, cooldowns, seats, audit, messages } = this;
    const lists = [intents, cooldowns, audit, messages];
    return seats.size === 0 && lists.every(({ length }) => length === 0);
  }
}

/**
 * The store's side of one open room: gathers what belongs to the open tick, writes ticks
 * under the room's claim, and has them compacted when they are many.
 */
export class DurableRoom {
  readonly #options: DurableRoomOptions;
  readonly #seats = new Map<string, SavedSeat>();
  #sequence: number;
  #notes = new Notes();
  /** Of ticks that were not saved: it goes with the snapshot that stands for them. */
  #unsavedAudit: readonly AuditEntry[] = [];
  #recordsSinceSnapshot = 0;
  #bytesSinceSnapshot = 0;
  #compaction: Promise<void> | undefined;
  #epoch: string | undefined;
  #offset = 0;
  /** The game's own version of the state, from its `persistence`. */
  version = 0;
  #isFrozen = false;
  #isDiscarded = false;
  #onLost: () => void = () => {};
  #onRenewal: () => void = () => {};
  readonly #closed = Promise.withResolvers<void>();

  constructor(options: DurableRoomOptions) {
    this.#options = options;
    const { image } = options;
    this.#sequence = image?.sequence ?? 0;
    this.#epoch = image?.stream?.epoch;
    this.#offset = image?.stream?.offset ?? 0;
    for (const seat of image?.seats ?? []) this.#seats.set(seat.sessionId, seat);
  }

  /** What an earlier process left; undefined: the room is new. */
  get restored(): RoomImage | undefined {
    return this.#options.image;
  }

  get claim(): RoomClaim {
    return this.#options.claim;
  }

  /** Whether nothing is written any more: the room goes on elsewhere, or later. */
  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  noteIntent(intent: SavedIntent): void {
    const isShort = packedSize(intent.reply) <= MAX_KEPT_REPLY_BYTES;
    this.#notes.intents.push(isShort ? intent : { ...intent, reply: undefined });
  }

  noteCooldown(cooldown: SavedCooldown): void {
    this.#notes.cooldowns.push(cooldown);
  }

  noteSeat(seat: SavedSeat): void {
    this.#seats.set(seat.sessionId, seat);
    this.#notes.seats.set(seat.sessionId, seat);
  }

  noteGoneSeat(sessionId: string): void {
    if (this.#seats.delete(sessionId)) this.#notes.seats.set(sessionId, undefined);
  }

  /** The room ends for everybody: nobody comes back to a seat in it. */
  noteAllSeatsGone(): void {
    for (const sessionId of this.#seats.keys()) this.noteGoneSeat(sessionId);
  }

  /** The room's own publications begin in this epoch, or went on in it. */
  noteEpoch(epoch: string): void {
    this.#epoch = epoch;
  }

  noteMessage(message: SavedMessage): void {
    this.#offset = message.offset;
    this.#notes.messages.push(message);
  }

  noteAudit(entry: AuditEntry): void {
    this.#notes.audit.push(entry);
  }

  /** What the tick leaves to be saved; undefined: nothing. Begins the next one. */
  takeTick(
    step: { tick: number; at: number },
    state: Uint8Array | undefined,
  ): TickToSave | undefined {
    const notes = this.#takeNotes();
    if (this.#isFrozen || (notes.isEmpty && state === undefined)) return undefined;
    this.#sequence += 1;
    const { intents, cooldowns, audit } = notes;
    const changed = [...notes.seats];
    const seats = changed.flatMap(([, seat]) => seat ?? []);
    const goneSeats = changed.flatMap(([id, seat]) => (seat === undefined ? id : []));
    const bytes = packContent({
      ...step,
      version: this.version,
      state,
      intents,
      cooldowns,
      seats,
      goneSeats,
      stream: this.#streamWith(notes.messages),
    });
    return { tick: this.#sequence, bytes, openSeats: this.#seats.size, audit };
  }

  /** The room as it is now, for when its ticks could not be saved. */
  takeSnapshot(
    step: { tick: number; at: number },
    state: Uint8Array | undefined,
    remembered: Remembered,
  ): TickToSave {
    const seats = [...this.#seats.values()];
    const { version } = this;
    const stream = this.#streamWith(remembered.messages);
    const { intents, cooldowns } = remembered;
    const content = { ...step, version, state, intents, cooldowns, seats, stream };
    const bytes = packContent(content);
    const { size: openSeats } = this.#seats;
    return { tick: this.#sequence, bytes, openSeats, audit: this.#unsavedAudit };
  }

  async append(tick: TickToSave): Promise<void> {
    try {
      await this.#writing(() => this.#options.store.appendTick(this.claim, tick));
    } catch (error) {
      this.#unsavedAudit = [...this.#unsavedAudit, ...tick.audit];
      throw error;
    }
    this.#recordsSinceSnapshot += 1;
    this.#bytesSinceSnapshot += tick.bytes.byteLength;
    this.#compactIfDue();
  }

  async saveSnapshot(snapshot: TickToSave): Promise<void> {
    await this.#writing(() => this.#options.store.saveSnapshot(this.claim, snapshot));
    this.#unsavedAudit = this.#unsavedAudit.filter((entry) => !snapshot.audit.includes(entry));
    this.#recordsSinceSnapshot = 0;
    this.#bytesSinceSnapshot = 0;
  }

  readAudit(limit: number, before?: AuditPosition): ReturnType<RoomStore["loadAudit"]> {
    return this.#options.store.loadAudit(this.claim.roomId, limit, before);
  }

  /** Calls `onLost` when somebody else has become the room's owner. */
  watchLoss(onLost: () => void): void {
    this.#onLost = onLost;
  }

  /** Calls `onRenewal` every few seconds, for as long as the room is ours. */
  watchRenewals(onRenewal: () => void): void {
    this.#onRenewal = onRenewal;
  }

  /** Keeps the room, or finds out that it was lost. */
  async renew(): Promise<void> {
    if (this.#isFrozen) return;
    this.#onRenewal();
    await this.#writing(() => this.#options.store.renewClaim(this.claim));
  }

  /** From now on nothing is saved: what is there is what the next owner finds. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** When it closes, nothing of it is kept. */
  discard(): void {
    this.#isDiscarded = true;
  }

  /** Lets the next owner in. */
  async close(): Promise<void> {
    this.#isFrozen = true;
    const { store, logger, onClosed } = this.#options;
    try {
      await this.#compaction;
      if (this.#isDiscarded) await store.deleteRoom(this.claim);
      await store.releaseClaim(this.claim);
    } catch (error) {
      // It ends with its lease, a few seconds later.
      const { roomId } = this.claim;
      logger.warn(`the claim on room ${roomId} was not released`, error, { roomId });
    }
    onClosed();
    this.#closed.resolve();
  }

  /** Resolves when the room is no longer ours. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  #streamWith(messages: readonly SavedMessage[]): SavedStream | undefined {
    const epoch = this.#epoch;
    return epoch === undefined ? undefined : { epoch, offset: this.#offset, messages };
  }

  #takeNotes(): Notes {
    const notes = this.#notes;
    this.#notes = new Notes();
    return notes;
  }

  async #writing(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const isLost = error instanceof SyncError && error.code === "room-lost";
      if (isLost && !this.#isFrozen) {
        this.#isFrozen = true;
        this.#onLost();
      }
      throw error;
    }
  }

  #compactIfDue(): void {
    const isDue =
      this.#recordsSinceSnapshot >= COMPACT_AFTER_RECORDS ||
      this.#bytesSinceSnapshot >= COMPACT_AFTER_BYTES;
    if (!isDue || this.#compaction !== undefined) return;
    this.#recordsSinceSnapshot = 0;
    this.#bytesSinceSnapshot = 0;
    this.#compaction = this.#options.store
      .compactRoom(this.claim)
      .catch((error: unknown) => {
        // Nothing is lost: the ticks stay, and the next compaction takes them too.
        const { roomId } = this.claim;
        this.#options.logger.warn(`room ${roomId} was not compacted`, error, { roomId });
      })
      .finally(() => {
        this.#compaction = undefined;
      });
  }
}

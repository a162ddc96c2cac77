import type { StreamPosition } from "../../shared/events/publication.ts";
import {
  INTENT_MEMORY_MS,
  MAX_WINDOW_AGE_MS,
  MAX_WINDOW_PUBLICATIONS,
} from "../../shared/limits.ts";
import type { RoomRecord, SavedRoom } from "../persistence/room-store.ts";
import type { SavedRecords } from "./state/saved-records.ts";
import {
  packContent,
  unpackContent,
  type SavedCooldown,
  type SavedIntent,
  type SavedMessage,
  type SavedSeat,
  type SavedStream,
  type TickContent,
} from "./tick-content.ts";

/**
 * A room as its records tell it: the fold of a snapshot and the ticks since. What no longer
 * matters (intents nobody repeats, waits that are over) is left out, measured by the time of
 * the last tick, so that the same records always give the same image.
 */
export class RoomImage {
  readonly #intents = new Map<string, SavedIntent>();
  readonly #cooldowns = new Map<string, SavedCooldown>();
  readonly #seats = new Map<string, SavedSeat>();
  readonly #changes: Uint8Array[] = [];
  readonly #messages: SavedMessage[] = [];
  #position: StreamPosition | undefined;
  #snapshot: Uint8Array | undefined;
  #sequence = 0;
  #tick = 0;
  #at = 0;
  #version = 0;

  /** Whether it has all that was saved; if not, the end of it is missing. */
  readonly isWhole: boolean;

  constructor(isWhole: boolean) {
    this.isWhole = isWhole;
  }

  static read(saved: Pick<SavedRoom, "snapshot" | "ticks" | "isWhole">): RoomImage {
    const image = new RoomImage(saved.isWhole);
    if (saved.snapshot !== undefined) image.#begin(saved.snapshot);
    for (const record of saved.ticks) image.#add(record);
    return image;
  }

  /** Number of the last record. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Number of the last tick that left a record. */
  get tick(): number {
    return this.#tick;
  }

  /** The game's own version of the state. */
  get version(): number {
    return this.#version;
  }

  get state(): SavedRecords {
    return { snapshot: this.#snapshot, changes: this.#changes };
  }

  get intents(): SavedIntent[] {
    const horizon = this.#at - INTENT_MEMORY_MS;
    return [...this.#intents.values()].filter(({ at }) => at >= horizon);
  }

  get cooldowns(): SavedCooldown[] {
    return [...this.#cooldowns.values()].filter(({ until }) => until > this.#at);
  }

  get seats(): SavedSeat[] {
    return [...this.#seats.values()];
  }

  /** The room's own publications, as far back as they can be asked for. */
  get stream(): SavedStream | undefined {
    if (this.#position === undefined) return undefined;
    const horizon = this.#at - MAX_WINDOW_AGE_MS;
    const messages = this.#messages.filter(({ timestamp }) => timestamp >= horizon);
    return { ...this.#position, messages };
  }

  /** The image as one record, which replaces those it was read from. */
  toRecord(compactState: (saved: SavedRecords) => Uint8Array | undefined): RoomRecord {
    const { tick, version, intents, cooldowns, seats, stream } = this;
    const state = compactState(this.state);
    const content = { tick, at: this.#at, version, state, intents, cooldowns, seats, stream };
    const bytes = packContent(content);
    return { tick: this.#sequence, bytes };
  }

  #begin(record: RoomRecord): void {
    const content = unpackContent(record.bytes);
    this.#fold(record.tick, content);
    this.#snapshot = content.state;
  }

  #add(record: RoomRecord): void {
    const content = unpackContent(record.bytes);
    this.#fold(record.tick, content);
    if (content.state !== undefined) this.#changes.push(content.state);
  }

  #fold(sequence: number, content: TickContent): void {
    this.#sequence = sequence;
    this.#tick = content.tick;
    this.#at = content.at;
    this.#version = content.version;
    for (const intent of content.intents) {
      this.#intents.set(JSON.stringify([intent.userId, intent.intentId]), intent);
    }
    for (const cooldown of content.cooldowns) {
      this.#cooldowns.set(JSON.stringify([cooldown.name, cooldown.userId]), cooldown);
    }
    if (content.stream !== undefined) this.#foldStream(content.stream);
    for (const seat of content.seats) this.#seats.set(seat.sessionId, seat);
    for (const sessionId of content.goneSeats) this.#seats.delete(sessionId);
  }

  #foldStream({ epoch, offset, messages }: SavedStream): void {
    this.#position = { epoch, offset };
    this.#messages.push(...messages);
    const surplus = this.#messages.length - MAX_WINDOW_PUBLICATIONS;
    if (surplus > 0) this.#messages.splice(0, surplus);
  }
}

import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { CHANNEL_HOLD_MS } from "../../shared/limits.ts";
import type { Channel } from "./channel.ts";

/** Who takes a place, and for what: to stay there, or to say something. */
export interface Taking {
  readonly by: "client" | "server";
  readonly to: "stay" | "publish";
}

interface Place {
  channel: Channel;
  /** Until when it counts although nobody is there: something was published. */
  heldUntil: number;
  /** Whether the server's own code has published there. */
  isServers: boolean;
}

/**
 * The channels of one policy that are in use, of which there may be so many: those where
 * somebody is subscribed or present, and for 10 s those where something was published with
 * nobody there. Clients can take no place away from the server's own code: to it only those
 * count on which it has published itself.
 */
export class ChannelPlaces {
  readonly #max: number;
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();

  constructor(max: number, clock: Clock) {
    this.#max = max;
    this.#clock = clock;
  }

  /** Throws `channel-limit`, with the time until a place is free where that is known. */
  take(channel: Channel, { by, to }: Taking): void {
    const now = this.#clock.now();
    const place = this.#find(channel, now) ?? this.#add(channel, by, now);
    if (by === "server") place.isServers = true;
    if (to === "publish" && !channel.isUsed) place.heldUntil = now + CHANNEL_HOLD_MS;
  }

  #find(channel: Channel, now: number): Place | undefined {
    const place = this.#places.get(channel.topic);
    if (place === undefined || !isTaken(place, now)) return undefined;
    // The topic may have been closed and opened again meanwhile.
    place.channel = channel;
    return place;
  }

  #add(channel: Channel, by: Taking["by"], now: number): Place {
    if (this.#places.size >= this.#max) this.#refuseWithoutRoom(by, now);
    const place = { channel, heldUntil: -Infinity, isServers: false };
    this.#places.set(channel.topic, place);
    return place;
  }

  #refuseWithoutRoom(by: Taking["by"], now: number): void {
    for (const [topic, place] of this.#places) {
      if (!isTaken(place, now)) this.#places.delete(topic);
    }
    const taken = [...this.#places.values()].filter(
      ({ isServers }) => by === "client" || isServers,
    );
    if (taken.length < this.#max) return;
    const waits = taken
      .filter(({ channel }) => !channel.isUsed)
      .map((each) => each.heldUntil - now);
    const details = waits.length === 0 ? {} : { retryAfterMs: Math.min(...waits) };
    throw new SyncError("channel-limit", `more than ${this.#max} channels in use`, details);
  }
}

function isTaken({ channel, heldUntil }: Place, now: number): boolean {
  return channel.isUsed || heldUntil > now;
}

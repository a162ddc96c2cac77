import { MAX_KEPT_SEATS } from "../../shared/limits.ts";
import type { TokenStorage } from "./guest-token.ts";
import { isRecord } from "./seat.ts";

/** What it takes to sit where an earlier page of this tab sat. */
export interface KeptSeat {
  /** Name of the room, and the options of its join as JSON: who asks for both may have it. */
  readonly name: string;
  readonly options: string;
  readonly roomId: string;
  readonly reconnectionToken: string;
}

/**
 * The seats of a page that has to be replaced by a newer one, kept for that one. Each is
 * good for one join and forgotten before it is tried: in a tab that was duplicated both
 * pages try, one of them gets the seat and the other one a seat of its own.
 *
 * A storage that fails costs only that memory: the newer page joins like a newcomer.
 */
export class KeptSeats {
  readonly #storage: TokenStorage | undefined;
  readonly #key: string;

  constructor(storage: TokenStorage | undefined, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  keep(seats: readonly KeptSeat[]): void {
    if (seats.length === 0) return;
    const tokens = new Set(seats.map(({ reconnectionToken }) => reconnectionToken));
    const others = this.#load().filter(({ reconnectionToken }) => !tokens.has(reconnectionToken));
    this.#save([...others, ...seats].slice(-MAX_KEPT_SEATS));
  }

  take(name: string, options: string): KeptSeat | undefined {
    const seats = this.#load();
    const index = seats.findIndex((seat) => seat.name === name && seat.options === options);
    if (index < 0) return undefined;
    const [seat] = seats.splice(index, 1);
    // A storage that does not let go of it would have it used again and again.
    return this.#save(seats) ? seat : undefined;
  }

  #load(): KeptSeat[] {
    try {
      const seats: unknown = JSON.parse(this.#storage?.getItem(this.#key) ?? "[]");
      return Array.isArray(seats) ? seats.filter(isKeptSeat) : [];
    } catch {
      return [];
    }
  }

  /** False when the storage failed. */
  #save(seats: readonly KeptSeat[]): boolean {
    try {
      if (seats.length > 0) this.#storage?.setItem(this.#key, JSON.stringify(seats));
      else this.#storage?.removeItem(this.#key);
      return true;
    } catch {
      return false;
    }
  }
}

/** The browser's storage of this tab, where there is one that may be looked at. */
export function defaultSeatStorage(): TokenStorage | undefined {
  try {
    return globalThis.sessionStorage ?? undefined;
  } catch {
    return undefined;
  }
}

function isKeptSeat(value: unknown): value is KeptSeat {
  if (!isRecord(value)) return false;
  const { name, options, roomId, reconnectionToken } = value;
  return [name, options, roomId, reconnectionToken].every((each) => typeof each === "string");
}

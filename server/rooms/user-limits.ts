import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import type { SavedCooldown } from "../durability/tick-content.ts";

/** Entries after which those that no longer matter are thrown away. */
const SWEEP_SIZE = 1_024;

/** Until when each user has to wait, for each message. */
export class Cooldowns {
  readonly #clock: Clock;
  readonly #onChange: (cooldown: SavedCooldown) => void;
  readonly #cooldowns = new Map<string, SavedCooldown>();
  #sweepAt = SWEEP_SIZE;

  /** Calls `onChange` for every wait that starts or ends before its time. */
  constructor(clock: Clock, onChange: (cooldown: SavedCooldown) => void = () => {}) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** How long the user has to wait, in milliseconds; 0: not at all. */
  leftMs(message: string, userId: string): number {
    const until = this.#cooldowns.get(keyOf(message, userId))?.until ?? 0;
    return Math.max(0, until - this.#clock.now());
  }

  /** Throws `cooldown`, with the time left, while the user has to wait. */
  check(message: string, userId: string): void {
    const leftMs = this.leftMs(message, userId);
    if (leftMs === 0) return;
    const text = `"${message}" is possible again in ${Math.ceil(leftMs / 1_000)} s`;
    throw new SyncError("cooldown", text, { retryAfterMs: leftMs });
  }

  start(message: string, userId: string, cooldownMs: number): void {
    this.#set({ name: message, userId, until: this.#clock.now() + cooldownMs });
  }

  cancel(message: string, userId: string): void {
    if (this.leftMs(message, userId) > 0) this.#set({ name: message, userId, until: 0 });
  }

  /** Takes up the waits that an earlier process started. */
  restore(cooldowns: Iterable<SavedCooldown>): void {
    for (const each of cooldowns) this.#cooldowns.set(keyOf(each.name, each.userId), each);
  }

  /** The waits that are not over. */
  entries(): SavedCooldown[] {
    const now = this.#clock.now();
    return [...this.#cooldowns.values()].filter(({ until }) => until > now);
  }

  #set(cooldown: SavedCooldown): void {
    this.#cooldowns.set(keyOf(cooldown.name, cooldown.userId), cooldown);
    this.#onChange(cooldown);
    if (this.#cooldowns.size < this.#sweepAt) return;
    const now = this.#clock.now();
    for (const [key, { until }] of this.#cooldowns) if (until <= now) this.#cooldowns.delete(key);
    this.#sweepAt = Math.max(SWEEP_SIZE, this.#cooldowns.size * 2);
  }
}

function keyOf(message: string, userId: string): string {
  return `${message}\n${userId}`;
}

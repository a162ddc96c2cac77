import type { Clock } from "../../shared/clock.ts";
import { STORE_PROBE_INTERVAL_MS, STORE_PROBE_TIMEOUT_MS } from "../../shared/limits.ts";
import type { MessageStore } from "../persistence/store.ts";
import { within } from "../within.ts";

/** No topic of a client is called so. */
const PROBE_TOPIC = "$probe";
const PROBE_RECORD = { epoch: "probe", offset: 0, isComplete: true };

/**
 * Finds out whether the store takes writes, by writing: a full disk can still be read. It does
 * so once a second at most, however many ask.
 */
export class StoreProbe {
  readonly #store: Pick<MessageStore, "saveTopic">;
  readonly #clock: Clock;
  #last: { readonly at: number; readonly isAvailable: Promise<boolean> } | undefined;

  constructor(store: Pick<MessageStore, "saveTopic">, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  isAvailable(): Promise<boolean> {
    const now = this.#clock.now();
    const isRecent =
      this.#last !== undefined && Math.abs(now - this.#last.at) < STORE_PROBE_INTERVAL_MS;
    if (!isRecent) this.#last = { at: now, isAvailable: this.#probe() };
    return this.#last!.isAvailable;
  }

  async #probe(): Promise<boolean> {
    try {
      const write = this.#store.saveTopic(PROBE_TOPIC, PROBE_RECORD);
      return await within(this.#clock, STORE_PROBE_TIMEOUT_MS, write);
    } catch {
      // Why is in the log, where the store's own failures are reported.
      return false;
    }
  }
}

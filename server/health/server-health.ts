import type { StoreProbe } from "./store-probe.ts";

/** Whether a server can be sent players. */
export class ServerHealth {
  readonly #probe: StoreProbe;
  #isOpen = false;

  constructor(probe: StoreProbe) {
    this.#probe = probe;
  }

  /** Rooms can be joined from now on. */
  opened(): void {
    this.#isOpen = true;
  }

  /** No more joins are taken. */
  closing(): void {
    this.#isOpen = false;
  }

  async isReady(): Promise<boolean> {
    if (!this.#isOpen || !(await this.#probe.isAvailable())) return false;
    // It may have begun to close while the store was asked.
    return this.#isOpen;
  }
}

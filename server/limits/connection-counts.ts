import { networkOf } from "../transport/peer-address.ts";

/** How many connections there are from each address: at most `max`, where it is known. */
export class ConnectionCounts {
  readonly max: number;
  readonly #counts = new Map<string, number>();

  constructor(max: number) {
    this.max = max;
  }

  /** Addresses that are counted: none without a connection. */
  get size(): number {
    return this.#counts.size;
  }

  hasPlace(address: string | undefined): boolean {
    return address === undefined || (this.#counts.get(networkOf(address)) ?? 0) < this.max;
  }

  /** Counts a connection; returns what counts it no more, however often it is called. */
  enter(address: string | undefined): () => void {
    if (address === undefined) return () => {};
    const network = networkOf(address);
    this.#counts.set(network, (this.#counts.get(network) ?? 0) + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = this.#counts.get(network)! - 1;
      if (left === 0) this.#counts.delete(network);
      else this.#counts.set(network, left);
    };
  }
}

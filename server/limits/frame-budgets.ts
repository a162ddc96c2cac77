import { FrameBudget, type FrameCounter } from "./frame-budget.ts";
import { networkOf } from "../transport/peer-address.ts";
import { PerKey } from "./per-key.ts";
import type { ServerLimits } from "./server-limits.ts";

/** What connections may send: each by itself, all of a user, and all from an address. */
export class FrameBudgets {
  readonly #limits: Pick<ServerLimits, "connection" | "user" | "address">;
  readonly #users = new PerKey<FrameBudget>();
  readonly #addresses = new PerKey<FrameBudget>();

  constructor(limits: Pick<ServerLimits, "connection" | "user" | "address">) {
    this.#limits = limits;
  }

  /** What a new connection may send. */
  open(userId: string, address: string | undefined): FrameBudget {
    const { connection, user, address: ofAddress } = this.#limits;
    const network = address === undefined ? undefined : networkOf(address);
    // Looked up for each frame: one that is full may be forgotten, and another one made.
    const shared: FrameCounter = {
      take: (bytes, now) => {
        const users = this.#users.of(userId, now, () => new FrameBudget(user));
        const excess = users.take(bytes, now);
        if (excess !== undefined) return `${excess}, of one user`;
        if (network === undefined) return undefined;
        const peers = this.#addresses.of(network, now, () => new FrameBudget(ofAddress));
        const more = peers.take(bytes, now);
        return more === undefined ? undefined : `${more}, from one address`;
      },
    };
    return new FrameBudget(connection, shared);
  }
}

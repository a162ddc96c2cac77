import type { Clock } from "../../shared/clock.ts";
import { ROOM_LEASE_MS } from "../../shared/limits.ts";
import { leaseLeftMs, roomClaimed, roomLost, type RoomLease } from "./room-lease.ts";
import type { RoomClaim, RoomOwner } from "./room-store.ts";

/** Who has which room, in memory. */
export class MemoryClaims {
  readonly #clock: Clock;
  readonly #leases = new Map<string, RoomLease>();
  /** Grows for all rooms alike: no token comes again when a lease is forgotten. */
  #lastToken = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  claim(roomId: string, owner: RoomOwner): RoomClaim {
    const now = this.#clock.now();
    const lease = this.#leases.get(roomId);
    const leftMs = lease === undefined ? 0 : leaseLeftMs(lease, now);
    if (lease !== undefined && leftMs > 0) {
      this.#leases.set(roomId, { ...lease, expiresAt: now + leftMs });
      throw roomClaimed(roomId, leftMs);
    }
    this.#lastToken += 1;
    const token = this.#lastToken;
    this.#leases.set(roomId, { owner, token, expiresAt: now + ROOM_LEASE_MS });
    return { roomId, token };
  }

  renew(claim: RoomClaim): void {
    const lease = this.check(claim);
    this.#leases.set(claim.roomId, { ...lease, expiresAt: this.#clock.now() + ROOM_LEASE_MS });
  }

  release({ roomId, token }: RoomClaim): void {
    if (this.#leases.get(roomId)?.token === token) this.#leases.delete(roomId);
  }

  /** Throws `room-lost` for a claim that is not the newest. */
  check(claim: RoomClaim): RoomLease {
    const lease = this.#leases.get(claim.roomId);
    if (lease?.token !== claim.token) throw roomLost(claim);
    return lease;
  }
}

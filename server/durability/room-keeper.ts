import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { ROOM_LEASE_RENEWAL_MS } from "../../shared/limits.ts";
import type { Logger } from "../logger.ts";
import type { RoomClaim, RoomHead, RoomOwner, RoomStore } from "../persistence/room-store.ts";
import { DurableRoom } from "./durable-room.ts";
import { RoomImage } from "./room-image.ts";

export interface RoomKeeperOptions {
  readonly store: RoomStore;
  readonly owner: RoomOwner;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The durable rooms of this process: claims them, reads them, and keeps them its own. */
export class RoomKeeper {
  readonly #options: RoomKeeperOptions;
  /** Claimed and read, for the room that is being made. */
  readonly #waiting = new Map<string, DurableRoom>();
  readonly #open = new Set<DurableRoom>();
  #cancelRenewal: CancelTimer | undefined;

  constructor(options: RoomKeeperOptions) {
    this.#options = options;
  }

  /**
   * Runs `create` while the room of that id is ours and what was saved of it lies ready.
   * Rejects with `room-claimed` while another process has it; when `create` fails, the claim
   * is given back, a room that is new leaves nothing behind, and another is left as it was.
   */
  async open<Result>(
    head: Omit<RoomHead, "openSeats">,
    create: () => Promise<Result>,
  ): Promise<Result> {
    const { store, owner } = this.#options;
    // One that closes here is still saving, under a claim of ours.
    await this.#closing(head.roomId);
    const claim = await store.claimRoom(head.roomId, owner);
    let isNew = false;
    try {
      const saved = await store.loadRoom(head.roomId);
      isNew = saved === undefined;
      const image = saved && RoomImage.read(saved);
      if (isNew) await store.createRoom(claim, head);
      this.#begin(claim, image);
      return await create();
    } catch (error) {
      await this.#abandon(claim, isNew);
      throw error;
    } finally {
      this.#waiting.delete(head.roomId);
    }
  }

  /** What was claimed and read for the room that is being made; undefined: it is not kept. */
  take(roomId: string): DurableRoom | undefined {
    return this.#waiting.get(roomId);
  }

  /** Rooms that somebody may come back to, as earlier processes left them. */
  async roomsWithSeats(): Promise<readonly RoomHead[]> {
    const heads = await this.#options.store.listRooms();
    return heads.filter(({ openSeats }) => openSeats > 0);
  }

  async #closing(roomId: string): Promise<void> {
    for (const durable of this.#open) {
      // oxlint-disable-next-line no-await-in-loop -- a room has one at most
      if (durable.claim.roomId === roomId) await durable.closed;
    }
  }

  #begin(claim: RoomClaim, image: RoomImage | undefined): void {
    const { store, logger } = this.#options;
    const durable: DurableRoom = new DurableRoom({
      store,
      claim,
      image,
      logger,
      onClosed: () => this.#forget(durable),
    });
    this.#waiting.set(claim.roomId, durable);
    this.#open.add(durable);
    this.#scheduleRenewal();
  }

  async #abandon(claim: RoomClaim, isNew: boolean): Promise<void> {
    const { store, logger } = this.#options;
    for (const durable of this.#open) {
      if (durable.claim !== claim) continue;
      // What the room's code did before it failed is not kept.
      durable.freeze();
      this.#forget(durable);
    }
    try {
      if (isNew) await store.deleteRoom(claim);
      await store.releaseClaim(claim);
    } catch (error) {
      const { roomId } = claim;
      logger.warn(`the claim on room ${roomId} was not released`, error, { roomId });
    }
  }

  #forget(durable: DurableRoom): void {
    this.#open.delete(durable);
    if (this.#open.size > 0) return;
    this.#cancelRenewal?.();
    this.#cancelRenewal = undefined;
  }

  #scheduleRenewal(): void {
    const { clock } = this.#options;
    this.#cancelRenewal ??= clock.schedule(ROOM_LEASE_RENEWAL_MS, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { logger } = this.#options;
    const renewals = [...this.#open].map(async (durable) => {
      try {
        await durable.renew();
      } catch (error) {
        const { roomId } = durable.claim;
        logger.warn(`the claim on room ${roomId} was not renewed`, error, { roomId });
      }
    });
    await Promise.all(renewals);
    this.#cancelRenewal = undefined;
    if (this.#open.size > 0) this.#scheduleRenewal();
  }
}

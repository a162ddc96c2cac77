import type {
  AuditPosition,
  PlacedAuditEntry,
  RoomClaim,
  RoomHead,
  RoomOwner,
  RoomStore,
  SavedRoom,
  TickToSave,
} from "./room-store.ts";

/** The rooms of a store that is not there yet; `find` throws as long as it is not. */
export class LateRooms implements RoomStore {
  readonly #find: () => RoomStore;

  constructor(find: () => RoomStore) {
    this.#find = find;
  }

  async claimRoom(roomId: string, owner: RoomOwner): Promise<RoomClaim> {
    return this.#find().claimRoom(roomId, owner);
  }

  async renewClaim(claim: RoomClaim): Promise<void> {
    await this.#find().renewClaim(claim);
  }

  async releaseClaim(claim: RoomClaim): Promise<void> {
    await this.#find().releaseClaim(claim);
  }

  async createRoom(claim: RoomClaim, head: Omit<RoomHead, "openSeats">): Promise<void> {
    await this.#find().createRoom(claim, head);
  }

  async loadRoom(roomId: string): Promise<SavedRoom | undefined> {
    return this.#find().loadRoom(roomId);
  }

  async appendTick(claim: RoomClaim, tick: TickToSave): Promise<void> {
    await this.#find().appendTick(claim, tick);
  }

  async saveSnapshot(claim: RoomClaim, snapshot: TickToSave): Promise<void> {
    await this.#find().saveSnapshot(claim, snapshot);
  }

  async compactRoom(claim: RoomClaim): Promise<void> {
    await this.#find().compactRoom(claim);
  }

  async deleteRoom(claim: RoomClaim): Promise<void> {
    await this.#find().deleteRoom(claim);
  }

  async listRooms(): Promise<readonly RoomHead[]> {
    return this.#find().listRooms();
  }

  async loadAudit(
    roomId: string,
    limit: number,
    before?: AuditPosition,
  ): Promise<readonly PlacedAuditEntry[]> {
    return this.#find().loadAudit(roomId, limit, before);
  }
}

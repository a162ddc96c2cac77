import type { RoomStore, TickToSave } from "../../../server/persistence/room-store.ts";
import type {
  HistoryPosition,
  Store,
  StoredMessage,
  TopicRecord,
} from "../../../server/persistence/store.ts";

/** A store on a disk that fails to write while `isBroken`. */
export class BreakableStore implements Store {
  isBroken = false;
  readonly rooms: RoomStore;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    const { rooms } = store;
    const writing = <Result>(write: () => Promise<Result>): Promise<Result> => this.#write(write);
    this.rooms = {
      claimRoom: (roomId, owner) => writing(() => rooms.claimRoom(roomId, owner)),
      renewClaim: (claim) => writing(() => rooms.renewClaim(claim)),
      releaseClaim: (claim) => writing(() => rooms.releaseClaim(claim)),
      createRoom: (claim, head) => writing(() => rooms.createRoom(claim, head)),
      loadRoom: (roomId) => rooms.loadRoom(roomId),
      appendTick: (claim, tick: TickToSave) => writing(() => rooms.appendTick(claim, tick)),
      saveSnapshot: (claim, snapshot) => writing(() => rooms.saveSnapshot(claim, snapshot)),
      compactRoom: (claim) => writing(() => rooms.compactRoom(claim)),
      deleteRoom: (claim) => writing(() => rooms.deleteRoom(claim)),
      listRooms: () => rooms.listRooms(),
      loadAudit: (...asked) => rooms.loadAudit(...asked),
    };
  }

  saveMessage(message: StoredMessage, record: TopicRecord): Promise<void> {
    return this.#write(() => this.#store.saveMessage(message, record));
  }

  loadMessages(
    topic: string,
    limit: number,
    before?: HistoryPosition,
  ): Promise<readonly StoredMessage[]> {
    return this.#store.loadMessages(topic, limit, before);
  }

  findMessage(topic: string, id: string): Promise<StoredMessage | undefined> {
    return this.#store.findMessage(topic, id);
  }

  replaceMessage(message: StoredMessage): Promise<boolean> {
    return this.#write(() => this.#store.replaceMessage(message));
  }

  loadTopic(topic: string): Promise<TopicRecord | undefined> {
    return this.#store.loadTopic(topic);
  }

  saveTopic(topic: string, record: TopicRecord): Promise<void> {
    return this.#write(() => this.#store.saveTopic(topic, record));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #write<Result>(write: () => Promise<Result>): Promise<Result> {
    if (this.isBroken)
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    return await write();
  }
}

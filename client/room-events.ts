import { Emitter, type Unsubscribe } from "../shared/emitter.ts";
import type { SyncError } from "../shared/errors.ts";
import type { Recovery } from "../shared/events/publication.ts";

/** Who listens to a room; they stay through every rejoin, until the room is left. */
export class RoomEvents {
  readonly stateChange = new Emitter<[state: unknown]>();
  readonly drop = new Emitter<[]>();
  readonly rejoin = new Emitter<[]>();
  readonly leave = new Emitter<[code: number, reason: string]>();
  readonly error = new Emitter<[error: SyncError]>();
  readonly recovery = new Emitter<[recovery: Recovery]>();
  readonly #messages = new Map<string | number, Emitter<[payload: unknown]>>();

  onMessage(type: string | number, listener: (payload: unknown) => void): Unsubscribe {
    let messages = this.#messages.get(type);
    if (messages === undefined) {
      messages = new Emitter();
      this.#messages.set(type, messages);
    }
    return messages.on(listener);
  }

  emitMessage(type: string | number, payload: unknown): void {
    this.#messages.get(type)?.emit(payload);
  }

  clear(): void {
    const { stateChange, drop, rejoin, leave, error, recovery } = this;
    for (const each of [stateChange, drop, rejoin, leave, error, recovery]) each.clear();
    this.#messages.clear();
  }
}
